"""`slipway demo`: a whole world on this machine, every part and the bot as processes of their own."""
