"""Cards: from what a person may see (`bot.sop.outlook`) to Slack's blocks and a text for notifications. Pure."""
