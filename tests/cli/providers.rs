//! `antiphon providers`: keys fetched from a provider that speaks https, and what becomes of them.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::sync::{Arc, Mutex};

use antiphon_tests::{Provider, World, in_world};
use serde_json::{Value, json};

use crate::command::{Said, command, run};
use crate::server::{Reply, Seen, Server};

const FILE: &str = "/var/lib/antiphon/providers/kmh.toml";
const DISCOVERY: &str = "/realms/staff/.well-known/openid-configuration";

/// A provider that publishes what the test says.
struct Published {
    server: Server,
    keys: Arc<Mutex<Vec<Value>>>,
    /// What the discovery document says besides, or instead.
    more: Arc<Mutex<Value>>,
}

impl Published {
    fn start(world: &World) -> Self {
        let keys: Arc<Mutex<Vec<Value>>> = Arc::default();
        let more = Arc::new(Mutex::new(json!({})));
        let server = Server::secure(world, |_| Reply::Say("404 Not Found".into(), String::new()));
        let (issuer, published, others) = (
            format!("{}/realms/staff", server.origin()),
            Arc::clone(&keys),
            Arc::clone(&more),
        );
        let origin = server.origin();
        server.answer_with(move |seen: &Seen| {
            let json = match seen.path.as_str() {
                DISCOVERY => {
                    let mut document =
                        json!({"issuer": issuer, "jwks_uri": format!("{origin}/keys")});
                    let others = others.lock().unwrap().as_object().unwrap().clone();
                    document.as_object_mut().unwrap().extend(others);
                    document
                }
                "/keys" => json!({"keys": *published.lock().unwrap()}),
                "/device" => json!({"device_code": "d", "user_code": "u", "verification_uri": "x"}),
                _ => return Reply::Say("302 Found\r\nLocation: /keys".into(), String::new()),
            };
            Reply::Say("200 OK".into(), json.to_string())
        });
        world.configure(&format!(
            "[page]\norigin = \"https://mfa.example.org\"\n[[provider]]\nname = \"kmh\"\n\
             issuer = \"{}/realms/staff\"\nclient_id = \"antiphon\"\n\
             label = {{ sv = \"KMH-konto\", en = \"KMH account\" }}\n",
            server.origin()
        ));
        Self { server, keys, more }
    }

    fn publish(&self, keys: &[&Provider]) {
        *self.keys.lock().unwrap() = keys.iter().map(|key| key.jwk()).collect();
    }

    fn says(&self, more: Value) {
        *self.more.lock().unwrap() = more;
    }

    /// Runs the command, which trusts the provider's certificate.
    fn providers(&self, world: &World, arguments: &str) -> Said {
        let words: Vec<&str> = arguments.split_whitespace().collect();
        let mut command = command(world, &[&["providers"][..], &words].concat());
        let (name, value) = self.server.trusted();
        run(command.env(name, value), "")
    }

    /// How many requests have come.
    fn requests(&self) -> usize {
        let mut count = 0;
        while !self.server.is_idle() {
            count += 1;
        }
        count
    }
}

fn outcome(said: &Said) -> Value {
    said.object()["providers"][0].clone()
}

#[test]
fn keys_are_fetched_and_each_that_comes_is_told_and_one_that_goes_stays_for_a_day() {
    in_world(|world| {
        let provider = Published::start(world);
        let [first, second] = ["first", "second"].map(Provider::new);
        provider.publish(&[&first]);
        let said = provider.providers(world, "refresh --json").done();
        assert_eq!(
            outcome(&said),
            json!({"name": "kmh", "outcome": "changed", "added": ["first"], "no_longer_published": [],
                   "removed": [], "passed_over": [], "reason": null})
        );
        assert!(
            world
                .log()
                .says("outcome=key-added provider=kmh detail=first")
        );
        let found = fs::metadata(FILE).unwrap();
        assert_eq!((found.mode() & 0o777, found.uid()), (0o644, 0));
        provider
            .providers(world, "refresh")
            .done()
            .says("kmh: 1 key, as before");
        provider.publish(&[&second]);
        provider.providers(world, "refresh kmh").done().says(
            "kmh: 2 keys, new: second, no longer published, and valid for a day at most: first",
        );
        let text = fs::read_to_string(FILE).unwrap();
        assert!(
            text.contains("\"first\"") && text.contains("\"second\""),
            "{text}"
        );
        let listed = provider.providers(world, "--json").done().object();
        assert_eq!(listed["providers"][0]["keys"].as_array().unwrap().len(), 2);
        assert_eq!(listed["findings"], json!([]));
        provider
            .providers(world, "")
            .done()
            .says("second, ES256, since 20");
    });
}

#[test]
fn a_key_of_the_same_name_takes_the_place_of_the_old_one_at_once() {
    in_world(|world| {
        let provider = Published::start(world);
        provider.publish(&[&Provider::new("k")]);
        provider.providers(world, "refresh").done();
        provider.publish(&[&Provider::new("k")]);
        let said = provider.providers(world, "refresh --json").done();
        assert_eq!(outcome(&said)["added"], json!(["k"]));
        assert_eq!(outcome(&said)["removed"], json!(["k"]));
        assert!(
            world
                .log()
                .says("outcome=key-removed provider=kmh detail=k")
        );
    });
}

#[test]
fn what_is_not_the_providers_own_leaves_the_old_keys_as_they_are() {
    in_world(|world| {
        let provider = Published::start(world);
        let first = Provider::new("first");
        provider.publish(&[&first]);
        provider.providers(world, "refresh").done();
        let before = fs::read(FILE).unwrap();
        let origin = provider.server.origin();
        let elsewhere = provider.server.origin_by_another_name();
        for (more, part) in [
            (
                json!({"issuer": format!("{origin}/realms/staff/")}),
                "byte for byte",
            ),
            (json!({"issuer": "https://evil.example"}), "byte for byte"),
            (json!({"jwks_uri": ""}), "does not say where the keys are"),
            (
                json!({"jwks_uri": "http://127.0.0.1/keys"}),
                "is not an https address",
            ),
            (
                json!({"jwks_uri": format!("{elsewhere}/keys")}),
                "private address",
            ),
            (
                json!({"jwks_uri": format!("{origin}/moved")}),
                "not followed",
            ),
            (
                json!({"jwks_uri": format!("{origin}{DISCOVERY}")}),
                "not a JSON Web Key Set",
            ),
        ] {
            provider.says(more.clone());
            let said = provider.providers(world, "refresh").exits(69);
            said.case(&more.to_string())
                .says(part)
                .says("The keys on file stay as they are");
            assert_eq!(fs::read(FILE).unwrap(), before, "{more}");
        }
        provider.says(json!({}));
        provider.publish(&[]);
        provider
            .providers(world, "refresh")
            .exits(69)
            .says("has no key that can be used");
        provider
            .server
            .answer_with(|_| Reply::Flood("200 OK".into()));
        provider
            .providers(world, "refresh")
            .exits(69)
            .says("longer than 128 kB");
        // A certificate that the system does not trust.
        let said = run(&mut command(world, &["providers", "refresh"]), "");
        said.exits(69);
        assert_eq!(fs::read(FILE).unwrap(), before);
        assert!(world.log().says("outcome=keys-not-fetched provider=kmh"));
    });
}

#[test]
fn the_timer_fetches_what_is_due_and_antiphond_can_ask_at_most_every_five_minutes() {
    in_world(|world| {
        let provider = Published::start(world);
        provider.publish(&[&Provider::new("k")]);
        let if_due = || {
            let said = provider.providers(world, "refresh --if-due --json").done();
            (
                outcome(&said)["outcome"].as_str().unwrap().to_owned(),
                provider.requests(),
            )
        };
        let asks = || {
            fs::create_dir_all("/run/antiphon").unwrap();
            // A file system's clock can be behind by some milliseconds.
            let later = std::time::SystemTime::now() + std::time::Duration::from_secs(1);
            let mark = fs::File::create("/run/antiphon/refresh-keys").unwrap();
            mark.set_modified(later).unwrap();
        };
        assert_eq!(if_due(), ("changed".to_owned(), 2));
        assert_eq!(if_due(), ("not-due".to_owned(), 0));
        asks();
        assert_eq!(if_due(), ("as-before".to_owned(), 2));
        asks();
        assert_eq!(if_due(), ("not-due".to_owned(), 0));
        // Root need not ask whether it is due.
        provider.providers(world, "refresh").done();
        assert_eq!(provider.requests(), 2);
    });
}

#[test]
fn what_could_not_be_fetched_is_not_called_fetched_and_is_tried_again_after_five_minutes() {
    in_world(|world| {
        let provider = Published::start(world);
        let said = provider.providers(world, "refresh --if-due");
        said.exits(69);
        provider.publish(&[&Provider::new("k")]);
        provider.requests();
        provider
            .providers(world, "refresh --if-due")
            .done()
            .says("without success");
        assert_eq!(provider.requests(), 0);
        let tried = fs::File::options()
            .write(true)
            .open("/var/lib/antiphon/providers/.tried")
            .unwrap();
        let earlier = std::time::SystemTime::now() - std::time::Duration::from_secs(6 * 60);
        tried.set_modified(earlier).unwrap();
        let said = provider.providers(world, "refresh --if-due --json").done();
        assert_eq!(outcome(&said)["outcome"], "changed");
    });
}

#[test]
fn a_provider_is_looked_at_and_device_codes_for_this_client_are_found() {
    in_world(|world| {
        let provider = Published::start(world);
        provider.publish(&[&Provider::new("k")]);
        provider
            .providers(world, "check kmh")
            .done()
            .says("k, ES256")
            .says("its keys have not been fetched");
        provider.providers(world, "refresh").done();
        let origin = provider.server.origin();
        provider.says(json!({
            "device_authorization_endpoint": format!("{origin}/device"),
            "grant_types_supported": ["authorization_code", "implicit", "password"],
        }));
        provider
            .providers(world, "check kmh")
            .done()
            .says("device codes  given to this client")
            .says("The provider offers its clients implicit, password.")
            .says("gives this client device codes");
        let form = provider.server.next();
        assert_eq!(form.path, DISCOVERY);
        provider
            .providers(world, "check staff")
            .failed(65, "there is kmh");
        provider
            .server
            .answer_with(|_| Reply::Say("503 Busy".into(), String::new()));
        provider
            .providers(world, "check kmh")
            .exits(69)
            .says("its keys cannot be fetched now")
            .says("curl -sS https://localhost");
    });
}

#[test]
fn where_people_sign_in_elsewhere_than_the_exported_page_sends_them_is_found() {
    in_world(|world| {
        let provider = Published::start(world);
        provider.publish(&[&Provider::new("k")]);
        let said = "has people sign in at https://login.example.org, and the page";
        provider.says(json!({"authorization_endpoint": "https://login.example.org/authorize"}));
        // antiphond's own page goes wherever the provider says.
        provider.providers(world, "check kmh").says_no(said);
        let table = fs::read_to_string("/etc/antiphon/antiphon.toml").unwrap();
        let relays = "[page]\nrelays = [\"https://r1.example.org\"]\n";
        let elsewhere = table.replacen("[page]\n", relays, 1);
        world.configure(&elsewhere);
        provider
            .providers(world, "check kmh")
            .says(said)
            .says("add authorization_origin = \"https://login.example.org\"");
        let other = "authorization_origin = \"https://login.example.org\"\n";
        world.configure(&format!("{elsewhere}{other}"));
        provider.providers(world, "check kmh").says_no(said);
        provider.says(json!({"authorization_endpoint": format!("{}/a", provider.server.origin())}));
        provider
            .providers(world, "check kmh")
            .says("authorization_origin = \"https://localhost");
    });
}

#[test]
fn without_providers_there_is_nothing_to_do_and_what_is_wrong_with_one_is_found_by_check() {
    in_world(|world| {
        let antiphon = crate::command::antiphon;
        antiphon(world, "providers")
            .done()
            .says("There is no [[provider]]");
        antiphon(world, "providers refresh")
            .done()
            .says("nothing to fetch");
        world.configure(&format!(
            "{}reauthentication = false\n",
            Provider::CONFIGURATION
        ));
        antiphon(world, "check")
            .done()
            .says("its keys have not been fetched")
            .says("antiphon providers refresh kmh")
            .says("a stolen session at the provider is enough");
        // Who has an account there cannot sign in with it.
        antiphon(world, "enroll alice --account kmh --subject a").done();
        antiphon(world, "check").exits(78).says("fault");
        Provider::new("k").store_key(2 * 24 * 3600);
        antiphon(world, "check")
            .exits(78)
            .says("more than a day ago");
        let twice =
            Provider::CONFIGURATION.replace("[page]\norigin = \"https://mfa.example.org\"\n", "");
        let twice = format!(
            "{}{}",
            Provider::CONFIGURATION,
            twice.replace("\"kmh\"", "\"again\"")
        );
        world.configure(&twice);
        antiphon(world, "check").says("kmh and again have one client id");
    });
}
