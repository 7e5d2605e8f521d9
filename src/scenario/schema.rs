//! The JSON Schema of the scenario format.

/// The schema, draft 07.
pub fn schema() -> serde_json::Value {
    serde_json::json!({ "$schema": "http://json-schema.org/draft-07/schema#", "type": "object" })
}
