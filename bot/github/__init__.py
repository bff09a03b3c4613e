"""GitHub through PyGithub: reads facts (`reader`), moves the designated branch (`pusher`)."""
