//! The page's modules by themselves, against the core and against each other.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use antiphon_core::approval::{ApprovalRequest, Number};
use antiphon_core::code::code_at;
use antiphon_core::invitation::proves;
use antiphon_core::record::CodeSecret;
use antiphon_core::time::UnixTime;
use antiphon_core::wire::Enrolled;
use data_encoding::BASE64URL_NOPAD;
use serde_json::json;

use crate::browser::{Browser, Engine, Taste};
use crate::driver::until;
use crate::stub::{Presence, Stub, request};
use crate::walk::{CODES, ENGLISH, enrol};

fn page() -> (Stub, Browser) {
    page_in(Engine::Chromium)
}

fn page_in(engine: Engine) -> (Stub, Browser) {
    let (stub, browser) = (Stub::start(), Browser::start(Taste::ENGLISH.of(engine)));
    browser.go(&stub.origin);
    (stub, browser)
}

#[test]
fn the_pages_digest_is_the_cores() {
    let (_stub, browser) = page();
    let plain = request(60);
    let odd = ApprovalRequest {
        nonce: std::array::from_fn(|place| u8::try_from(place * 8 % 256).unwrap()),
        user: "åsa".into(),
        host: "väb-1.example.org".into(),
        service: "x".repeat(300),
        caller: "\u{1f469}\u{200d}\u{1f4bb}".into(),
        remote_host: String::new(),
        terminal: "\"\\\n\0".into(),
        issued: UnixTime(0),
        expires: UnixTime(9_007_199_254_740_991),
    };
    for (request, number) in [(&plain, 42), (&odd, 10), (&odd, 987_654)] {
        let digest = browser.run(
            "const [request, number] = arguments;
             return import('/digest.js').then(({ approvalDigest }) => approvalDigest(request, number))
               .then((bytes) => [...bytes])",
            &[serde_json::to_value(request).unwrap(), json!(number.to_string())],
        );
        assert_eq!(digest, json!(request.digest(&Number::new(number))));
    }
}

#[test]
fn the_pages_proof_is_one_to_the_core() {
    let (_stub, browser) = page();
    for eligible in [true, false] {
        let mut enrolled = Enrolled {
            name: "Åsas telefon".into(),
            credential: vec![1, 2, 255],
            public_key: vec![4; 91],
            backup_eligible: eligible,
            proof: Vec::new(),
        };
        let proof = browser.run(
            "const [made, secret] = arguments;
             made.credential = Uint8Array.from(made.credential);
             made.publicKey = Uint8Array.from(made.publicKey);
             return import('/digest.js')
               .then(({ enrolmentProof }) => enrolmentProof(Uint8Array.from(secret), made))
               .then((bytes) => [...bytes])",
            &[
                json!({"user": "åsa", "host": "web1", "origin": "https://mfa.example.org", "name": enrolled.name,
                       "credential": enrolled.credential, "publicKey": enrolled.public_key, "backupEligible": eligible}),
                json!(vec![5; 32]),
            ],
        );
        enrolled.proof = serde_json::from_value(proof).unwrap();
        let origin = "https://mfa.example.org";
        assert!(proves(&enrolled, &[5; 32], "åsa", "web1", origin));
        assert!(!proves(&enrolled, &[5; 32], "åsa", "web2", origin));
    }
}

#[test]
fn base64url_comes_back_and_nothing_else_is_taken() {
    let (_stub, browser) = page();
    let bytes: Vec<u8> = (0..=255).collect();
    for length in 253..=256 {
        let text = BASE64URL_NOPAD.encode(&bytes[..length]);
        let both = browser.run(
            "return import('/bytes.js').then(({ toBase64url, fromBase64url }) =>
               [toBase64url(Uint8Array.from(arguments[0])), [...fromBase64url(arguments[1])]])",
            &[json!(bytes[..length]), json!(text)],
        );
        assert_eq!(both, json!([text, bytes[..length]]));
    }
    for bad in ["a+b/", "YQ==", "å", "a b", "Y"] {
        let taken = browser.run(
            "return import('/bytes.js').then(({ fromBase64url }) => fromBase64url(arguments[0])).then(() => true, () => false)",
            &[json!(bad)],
        );
        assert_eq!(taken, json!(false), "{bad}");
    }
}

#[test]
fn codes_are_those_of_rfc_6238() {
    let (_stub, browser) = page();
    let code = CodeSecret::usual(*CODES);
    // The times of appendix B, and what the core says.
    let times = [
        59,
        1_111_111_109,
        1_111_111_111,
        1_234_567_890,
        2_000_000_000,
    ];
    for time in times.into_iter().chain([20_000_000_000_u64]) {
        let shown = browser.run(
            "const [secret, time] = arguments;
             return import('/codes.js').then(async ({ keepSecret, codeKey, codeAt }) => {
               await keepSecret(Uint8Array.from(secret));
               return codeAt(await codeKey(), time);
             })",
            &[json!(CODES), json!(time)],
        );
        assert_eq!(shown, json!(*code_at(&code, UnixTime(time))), "{time}");
    }
}

in_each_browser!(a_code_is_shown_without_a_network_and_is_the_right_one);
fn a_code_is_shown_without_a_network_and_is_the_right_one(engine: Engine) {
    let (stub, browser) = page_in(engine);
    enrol(&browser, &stub, &ENGLISH, Some(CODES));
    browser.run("return navigator.serviceWorker.ready.then(() => true)", &[]);
    // The worker takes the page over, and keeps its files, after it has been loaded once.
    until("the kept page", || {
        let kept = browser.run(
            "return caches.match('/').then((found) => Boolean(found))",
            &[],
        );
        kept.as_bool().filter(|kept| *kept)
    });
    stub.be(Presence::Away);
    browser.go(&stub.origin);
    browser.see("No connection");
    browser.find("text=Show a code").click();
    let shown = browser.find("#code");
    until("a code of now", || {
        let now = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap()
            .as_secs();
        (shown.is("it.textContent") == json!(*code_at(&CodeSecret::usual(*CODES), UnixTime(now))))
            .then_some(())
    });
}

#[test]
fn both_languages_say_the_same_things() {
    let (_stub, browser) = page();
    let keys = browser.run(
        "const keys = (it, path = '') => typeof it === 'object'
           ? Object.entries(it).flatMap(([key, value]) => keys(value, `${path}.${key}`)) : [path];
         return Promise.all(['/english.js', '/swedish.js'].map((file) => import(file)))
           .then((texts) => texts.map(({ default: { hyphens, ...text } }) => keys(text)))",
        &[],
    );
    assert_eq!(keys[0], keys[1]);
}

#[test]
fn the_worker_keeps_all_files_that_the_page_needs() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../src/page/files");
    let script = fs::read_to_string(folder.join("sw.js")).unwrap();
    let (_, list) = script.split_once("const FILES = [").unwrap();
    let (list, _) = list.split_once(']').unwrap();
    let listed: BTreeSet<&str> = list
        .split('"')
        .skip(1)
        .step_by(2)
        .map(|path| path.trim_start_matches('/'))
        .collect();
    let html = fs::read_to_string(folder.join("index.html")).unwrap();
    // What the page names, but for pictures that the system asks for, the guide, which is a page of its own, and what the
    // build puts into the page; and the page itself, by the address that it is opened by.
    let mut needed: BTreeSet<&str> = html
        .split(['"'])
        .filter_map(|word| word.strip_prefix('/'))
        .filter(|name| !name.ends_with("png") && !["guide", "style.css", "page.js"].contains(name))
        .collect();
    needed.insert("");
    assert_eq!(listed, needed);
}

#[test]
fn the_page_can_be_installed() {
    let (_stub, browser) = page();
    let errors = until("the manifest", || {
        let manifest = browser.cdp("Page.getAppManifest", &json!({}));
        manifest["data"].as_str()?;
        Some(manifest["errors"].clone())
    });
    assert_eq!(errors, json!([]));
    let errors = browser.cdp("Page.getInstallabilityErrors", &json!({}));
    let mut errors = errors["installabilityErrors"].as_array().unwrap().clone();
    // A profile that is thrown away is like a private window.
    errors.retain(|error| error["errorId"] != "in-incognito");
    assert!(errors.is_empty(), "{errors:?}");
}

#[test]
fn a_push_shows_a_notification_that_the_open_page_takes_away() {
    let (stub, browser) = page();
    enrol(&browser, &stub, &ENGLISH, None);
    browser.call(
        "/permissions",
        &json!({"descriptor": {"name": "notifications"}, "state": "granted"}),
    );
    browser.run("return navigator.serviceWorker.ready.then(() => true)", &[]);
    let id = stub.ask(&request(60), 2);
    browser.see("A sign-in is waiting");
    browser.cdp("ServiceWorker.enable", &json!({}));
    let push = |words: &str| {
        browser.cdp(
            "ServiceWorker.deliverPushMessage",
            &json!({"origin": stub.origin, "registrationId": "0", "data": words}),
        );
    };
    let titles = || {
        browser.run(
            "return navigator.serviceWorker.ready.then((worker) => worker.getNotifications())
               .then((shown) => shown.map(({ title }) => title))",
            &[],
        )
    };
    // A worker that is just being started, on a busy machine, may hear nothing of a push that comes this way.
    let mut tries = 0;
    until("the notification", || {
        if tries % 100 == 0 {
            push("a sign-in waits");
        }
        tries += 1;
        (titles() == json!(["A sign-in is waiting"])).then_some(())
    });
    stub.gone(&id, "cancelled");
    until("no notification", || (titles() == json!([])).then_some(()));
    // What has gone takes the place of what waited, and disturbs nobody.
    for words in [
        "a trial waits",
        "a sign-in waits",
        r#"{"gone":{"at":1795377600,"from":"203.0.113.5"}}"#,
    ] {
        push(words);
    }
    let shown = || {
        browser.run(
            "return navigator.serviceWorker.ready.then((worker) => worker.getNotifications())
               .then((shown) => shown.map(({ title, body, silent, renotify }) => [title, body, silent, renotify]))",
            &[],
        )
    };
    until("what has gone", || {
        let shown = shown();
        let whence = shown[0][1]
            .as_str()?
            .contains("from 203.0.113.5. Tap if it was not you.");
        (shown.as_array()?.len() == 1 && shown[0][0] == "The sign-in is gone" && whence)
            .then_some(())
    });
    assert_eq!(
        (&shown()[0][2], &shown()[0][3]),
        (&json!(true), &json!(false))
    );
    browser.assert_quiet(&[]);
}

in_each_browser!(no_markup_and_no_script_but_the_pages_own_gets_in);
fn no_markup_and_no_script_but_the_pages_own_gets_in(engine: Engine) {
    let (_stub, browser) = page_in(engine);
    for attempt in [
        "document.body.innerHTML = '<b>x</b>'",
        "document.createElement('script').src = '/app.js'",
        "await navigator.serviceWorker.register('/app.js')",
        "trustedTypes.createPolicy('antiphon', {})",
        "trustedTypes.createPolicy('other', {})",
        "await fetch('http://localhost:1/')",
    ] {
        let script = format!(
            "return (async () => {{ try {{ {attempt}; }} catch (error) {{ return error.name; }} }})()"
        );
        assert_eq!(browser.run(&script, &[]), json!("TypeError"), "{attempt}");
    }
}
