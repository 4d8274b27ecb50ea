//! Every analysis satisfies the schema that ships with the project.

use serde_json::{Value, json};
use spasmograph::report::{ANALYSIS_SCHEMA, Analysis, OutputFolder, json};

use crate::example;
use crate::support::closed::closed;

fn schema() -> Value {
    serde_json::from_str(ANALYSIS_SCHEMA).unwrap()
}

fn complaints(schema: &Value, instance: &Value) -> Vec<String> {
    let validator = jsonschema::draft202012::new(schema).unwrap();
    validator.iter_errors(instance).map(|e| format!("{}: {e}", e.instance_path())).collect()
}

#[test]
fn the_schema_is_a_valid_schema() {
    assert!(jsonschema::meta::is_valid(&schema()));
}

#[test]
fn analyses_satisfy_the_schema_and_write_no_key_it_does_not_describe() {
    for analysis in [example::analysis(), example::without_a_face()] {
        let instance = serde_json::to_value(&analysis).unwrap();
        assert_eq!(complaints(&schema(), &instance), Vec::<String>::new());
        assert_eq!(complaints(&closed(&schema()), &instance), Vec::<String>::new());
    }
}

#[test]
fn the_schema_refuses_a_wrong_side_a_missing_part_and_a_figure_that_is_no_number() {
    let good = serde_json::to_value(example::analysis()).unwrap();
    let mut wrong_side = good.clone();
    wrong_side["events"][0]["side"] = json!("image_left");
    let mut missing = good.clone();
    missing.as_object_mut().unwrap().remove("noise");
    let mut no_number = good.clone();
    no_number["blinks"][0]["start_s"] = json!(null);
    for bad in [wrong_side, missing, no_number] {
        assert_eq!(complaints(&schema(), &bad).len(), 1);
    }
}

#[test]
fn a_written_analysis_reads_back_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let out = OutputFolder::create(folder.path()).unwrap();
    let analysis = example::analysis();
    json::write(out.file("analysis.json").unwrap(), &analysis).unwrap();
    assert_eq!(Analysis::read(&folder.path().join("analysis.json")).unwrap(), analysis);
}

#[test]
fn a_file_of_another_schema_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("analysis.json");
    let mut other = serde_json::to_value(example::analysis()).unwrap();
    other["schema"] = json!("spasmograph.analysis/9");
    std::fs::write(&path, other.to_string()).unwrap();
    let message = Analysis::read(&path).unwrap_err().to_string();
    assert!(message.contains("spasmograph.analysis/9"), "{message}");
}
