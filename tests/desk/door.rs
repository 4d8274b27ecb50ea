//! Who and what is refused at the desk, and what a crash leaves.

use std::fs;

use serde_json::json;

use crate::client::Desk;
use crate::review::{recording, results};

/// A library with one analyzed recording; its picture is none that plays.
fn library() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let (analysis, samples) = recording();
    results(folder.path(), &analysis, &samples);
    fs::write(folder.path().join("typical-right.mp4"), b"no video").unwrap();
    folder
}

#[test]
fn without_the_token_or_from_elsewhere_nobody_gets_in() {
    let folder = library();
    let desk = Desk::open(folder.path());
    let page = desk.ask("GET", "/", &[], b"");
    assert_eq!(page.status, 200, "the page itself holds nothing");
    assert!(page.head.to_lowercase().contains("content-security-policy: default-src 'none'"));
    for path in ["/api/library", "/api/queue", "/picture?name=typical-right.mp4", "/report?name=x"]
    {
        let answer = desk.ask("GET", path, &[], b"");
        assert_eq!((answer.status, answer.code().as_str()), (401, "token"), "{path}");
    }
    let wrong = desk.ask("GET", "/api/library", &["Authorization: Bearer 00"], b"");
    assert_eq!(wrong.status, 401);
    let bearer = desk.bearer();
    let foreign = desk.ask("GET", "/api/library", &[&bearer, "Origin: http://evil.example"], b"");
    assert_eq!(foreign.status, 403);
    let renamed = desk.ask("GET", "/api/library", &[&bearer, "Host: evil.example"], b"");
    assert_eq!(renamed.status, 421);
    assert_eq!(desk.get("/api/library").status, 200);

    let token = json!({ "token": desk.token }).to_string();
    let entered = desk.ask("POST", "/api/enter", &[], token.as_bytes());
    let cookie = entered.head.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    let kept = format!("Cookie: {}", cookie.split(';').next().unwrap());
    assert_eq!(desk.ask("GET", "/api/library", &[&kept], b"").status, 200);
}

#[test]
fn nothing_outside_the_library_is_read_or_written() {
    let folder = library();
    let elsewhere = tempfile::tempdir().unwrap();
    fs::write(elsewhere.path().join("secret.mp4"), b"secret").unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(elsewhere.path().join("secret.mp4"), folder.path().join("link.mp4"))
        .unwrap();
    let desk = Desk::open(folder.path());
    let outside = elsewhere.path().join("secret.mp4").display().to_string();
    let encoded = outside.replace('/', "%2F");
    let names = [
        "..%2F..%2Fetc%2Fpasswd",
        "%2e%2e/secret.mp4",
        "..%252Fsecret.mp4",
        &encoded,
        "link.mp4",
        ".spasmograph-desk.lock",
        "typical-right.mp4%00",
    ];
    for name in names {
        for path in ["/picture?name=", "/report?name=", "/api/about?name=", "/api/trace?name="] {
            let answer = desk.get(&format!("{path}{name}"));
            assert!([400, 403, 404].contains(&answer.status), "{path}{name}: {}", answer.status);
            assert!(!answer.body.windows(6).any(|six| six == b"secret" && answer.status == 200));
        }
    }
    for name in ["../x.mp4", "a/b.mp4", "/tmp/x.mp4", ".x.mp4", "..", "x\\y.mp4"] {
        let answer = desk.post("/api/upload", &json!({ "name": name, "size": 10 }));
        assert_eq!((answer.status, answer.code().as_str()), (403, "outside"), "{name}");
    }
    let about = json!({ "subject": "S", "visit": "1" });
    assert_eq!(desk.post("/api/about?name=..%2Fx.mp4", &about).status, 403);
    let names = json!({ "names": ["../x.mp4"], "what": "tables" });
    assert_eq!(desk.post("/api/hand-on", &names).status, 403);
}

#[test]
fn uploads_are_bounded_gone_on_with_and_must_be_videos() {
    let folder = library();
    let desk = Desk::open(folder.path());
    let large = desk.post("/api/upload", &json!({ "name": "large.mp4", "size": 2_000_000 }));
    assert_eq!((large.status, large.code().as_str()), (413, "too_large"));
    let odd = desk.post("/api/upload", &json!({ "name": "page.html", "size": 10 }));
    assert_eq!((odd.status, odd.code().as_str()), (415, "no_video"));

    let wish = json!({ "name": "fake.mp4", "size": 12 });
    assert_eq!(desk.post("/api/upload", &wish).json()["have"], 0);
    let send = |at: u64, bytes: &[u8]| {
        let path = format!("/api/upload?name=fake.mp4&size=12&at={at}");
        desk.ask("PATCH", &path, &[&desk.bearer()], bytes)
    };
    assert_eq!(send(0, b"hello").json()["have"], 5);
    assert_eq!(desk.post("/api/upload", &wish).json()["have"], 5, "it is gone on with");
    assert_eq!(send(0, b"hello").code(), "moved_on");
    let whole = send(5, b" world!");
    assert_eq!((whole.status, whole.code().as_str()), (415, "no_video"));
    assert!(send(0, b"more than was announced").status == 400);
    let left: Vec<String> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name.contains("fake"))
        .collect();
    assert_eq!(left, Vec::<String>::new(), "nothing of it is left");

    let clip = concat!(env!("CARGO_MANIFEST_DIR"), "/samples/typical-right.mp4");
    let bytes = fs::read(clip).unwrap();
    let path = format!("/api/upload?name=typical-right.mp4&size={}&at=0", bytes.len());
    let kept = desk.ask("PATCH", &path, &[&desk.bearer()], &bytes);
    assert_eq!(kept.json()["name"], "typical-right-2.mp4", "nothing is replaced");
    assert_eq!(fs::read(folder.path().join("typical-right-2.mp4")).unwrap(), bytes);
    assert_eq!(fs::read(folder.path().join("typical-right.mp4")).unwrap(), b"no video");
}

#[test]
fn a_second_desk_on_the_folder_is_refused() {
    let folder = library();
    let _desk = Desk::open(folder.path());
    let second = std::process::Command::new(env!("CARGO_BIN_EXE_spasmograph"))
        .args(["desk", "--no-browser", "--port", "0"])
        .arg(folder.path())
        .output()
        .unwrap();
    assert_eq!(second.status.code(), Some(1));
    let told = String::from_utf8_lossy(&second.stderr);
    assert!(told.contains("another desk is open on this folder"), "{told}");
}

fn which(tab: &str, after: usize, change: serde_json::Value) -> serde_json::Value {
    json!({
        "name": "typical-right.mp4", "reviewer": "Dr. A", "tab": tab, "after": after,
        "change": change,
    })
}

#[test]
fn steps_are_on_the_disk_when_they_are_answered_and_two_tabs_do_not_overwrite_each_other() {
    let folder = library();
    let desk = Desk::open(folder.path());
    let opened = desk.get("/api/review?name=typical-right.mp4&reviewer=Dr.%20A&tab=one").json();
    assert_eq!(opened["seat"], true);
    let before = opened["state"]["items"].as_array().unwrap().len();
    let first =
        desk.post("/api/review/step", &which("one", 0, json!({ "do": "reject", "item": "e1" })));
    assert_eq!(first.json()["revision"], 1);

    let second = desk.get("/api/review?name=typical-right.mp4&reviewer=Dr.%20A&tab=two").json();
    assert_eq!(second["seat"], false, "the second tab is told");
    let change = json!({ "do": "reject", "item": "e2" });
    let refused = desk.post("/api/review/step", &which("two", 1, change.clone()));
    assert_eq!((refused.status, refused.code().as_str()), (409, "other_tab"));
    let stale = desk.post("/api/review/step", &which("one", 0, change.clone()));
    assert_eq!((stale.status, stale.code().as_str()), (409, "moved_on"));
    let wrong = which("one", 1, json!({ "do": "reject", "item": "e999" }));
    assert_eq!(desk.post("/api/review/step", &wrong).code(), "step");
    assert_eq!(desk.post("/api/review/step", &which("one", 1, change)).json()["revision"], 2);

    // A power cut: what was answered is there.
    desk.crash();
    let desk = Desk::open(folder.path());
    let again = desk.get("/api/review?name=typical-right.mp4&reviewer=Dr.%20A&tab=three").json();
    assert_eq!(again["state"]["revision"], 2);
    let items = again["state"]["items"].as_array().unwrap();
    assert_eq!(items.len(), before);
    let rejected = items.iter().filter(|item| item["status"] == "rejected");
    let ids: Vec<_> = rejected.map(|item| item["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["e1", "e2"]);
}

#[test]
fn a_review_of_another_recording_or_by_a_newer_version_is_refused_and_left_alone() {
    let folder = library();
    let desk = Desk::open(folder.path());
    let change = json!({ "do": "reject", "item": "e1" });
    assert_eq!(desk.post("/api/review/step", &which("one", 0, change)).status, 200);
    let path = folder.path().join("typical-right.review.json");
    let text = fs::read_to_string(&path).unwrap();
    let open = || desk.get("/api/review?name=typical-right.mp4&reviewer=Dr.%20A&tab=one");
    let version = format!("\"version\": \"{}\"", env!("CARGO_PKG_VERSION"));
    let newer = text.replacen(&version, "\"version\": \"99.0.0\"", 1);
    fs::write(&path, &newer).unwrap();
    assert_eq!((open().status, open().code().as_str()), (409, "newer"));
    assert_eq!(fs::read_to_string(&path).unwrap(), newer);

    let mut other: serde_json::Value = serde_json::from_str(&text).unwrap();
    other["recording"]["sha256"] = json!("f".repeat(64));
    other["recording"]["duration_s"] = json!(1.0);
    fs::write(&path, other.to_string()).unwrap();
    assert_eq!((open().status, open().code().as_str()), (409, "other_recording"));
}
