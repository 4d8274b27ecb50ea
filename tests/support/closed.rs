//! Schemas that allow no key they do not describe.

use serde_json::{Value, json};

/// The schema with every object closed to undescribed keys.
pub fn closed(schema: &Value) -> Value {
    fn close(node: &mut Value) {
        if let Some(object) = node.as_object_mut() {
            if object.contains_key("properties") {
                object.insert("additionalProperties".to_owned(), json!(false));
            }
            object.values_mut().for_each(close);
        } else if let Some(list) = node.as_array_mut() {
            list.iter_mut().for_each(close);
        }
    }
    let mut schema = schema.clone();
    close(&mut schema);
    schema
}
