"""The outer form of the Calendar API: methods, parameters, scopes, field masks, batches."""
