"""The CRM's own vocabulary: activities, their types and spans, connections and their settings."""
