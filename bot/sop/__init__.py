"""The SOP as pure functions: state, intent, facts and policy in; a decision out. No I/O, no clock, no SDK."""
