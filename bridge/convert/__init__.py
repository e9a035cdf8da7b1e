"""Pure conversions: activity to calendar object, Google event to calendar object, and the lens."""
