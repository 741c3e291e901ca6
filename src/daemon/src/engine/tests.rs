//! Engines of tests' own.

use std::sync::Arc;

use antiphon_tests::Postgres;

use super::schema::{self, FORMS};
use super::{Address, Engine, Trouble};
use crate::scratch::Scratch;

/// A real server, and its folder.
pub(crate) struct Served {
    pub(crate) server: Postgres,
    folder: Scratch,
}

impl Served {
    pub(crate) fn start() -> Self {
        let folder = Scratch::new();
        Self {
            server: Postgres::start(&folder.join("postgres")),
            folder,
        }
    }

    /// Another relay's connections to it.
    pub(crate) async fn engine(&self) -> Arc<Engine> {
        let engine = self.open().unwrap();
        engine.begin().await.unwrap();
        Arc::new(engine)
    }

    fn open(&self) -> Result<Engine, String> {
        Engine::new(Address::read(&self.server.url(), self.folder.path())?)
    }
}

#[tokio::test]
async fn tables_of_a_later_version_are_used_only_if_they_say_so() {
    let served = Served::start();
    let engine = served.engine().await;
    let ask = |sql: &str| served.server.ask_in("antiphon", sql);
    assert_eq!(ask("SELECT form, needs FROM antiphon"), "4|1");
    // Again, and by two at the same time.
    let again = tokio::join!(engine.begin(), engine.begin());
    assert_eq!(again, (Ok(()), Ok(())));
    ask("UPDATE antiphon SET form = 5, needs = 1");
    assert_eq!(engine.begin().await, Ok(()));
    assert_eq!(ask("SELECT form, needs FROM antiphon"), "5|1");
    ask("UPDATE antiphon SET needs = 5");
    let Err(Trouble::Refused(said)) = engine.begin().await else {
        panic!("a later form was taken for ours");
    };
    assert!(said.contains("form 5") && said.contains("form 4"), "{said}");
}

#[tokio::test]
async fn tables_of_each_former_version_gain_what_is_new_and_a_relay_of_the_last_goes_on() {
    let served = Served::start();
    let ask = |sql: &str| served.server.ask_in("antiphon", sql);
    let forms = "SELECT form || ' ' || encode(bytes, 'hex') FROM antiphon, key";
    for had in 1..FORMS.len() {
        let engine = served.open().unwrap();
        let mut client = engine.sure.get().await.unwrap();
        let before = &FORMS[..had];
        assert_eq!(schema::prepare_as(&mut client, before).await, Ok(()));
        ask("INSERT INTO key VALUES ('kept', '\\x2a')");
        assert_eq!(ask(forms), format!("{had} 2a"));
        assert_eq!(engine.begin().await, Ok(()));
        assert_eq!(ask(forms), "4 2a");
        assert_eq!(ask("SELECT count(*) FROM pause"), "0");
        if had + 1 == FORMS.len() {
            assert_eq!(schema::prepare_as(&mut client, before).await, Ok(()));
            assert_eq!(ask(forms), "4 2a");
        }
        ask("DROP OWNED BY antiphon");
    }
}

#[tokio::test]
async fn what_does_not_pass_by_itself_is_refused_with_its_fix_and_the_rest_is_waited_for() {
    let mut served = Served::start();
    let begin = async |url: &str| {
        let address = Address::read(url, served.folder.path()).unwrap();
        Engine::new(address).unwrap().begin().await
    };
    let url = served.server.url();
    let (place, _) = url.rsplit_once('/').unwrap();
    served.server.ask_in(
        "postgres",
        "CREATE DATABASE latin OWNER antiphon TEMPLATE template0 LOCALE 'C' ENCODING 'LATIN1'",
    );
    for (wrong, fix) in [
        (format!("{place}/other"), "CREATE DATABASE"),
        (format!("{place}/postgres"), "OWNER TO"),
        (url.replace("antiphon@", "nobody@"), "pg_hba.conf"),
        (format!("{place}/latin"), "ENCODING 'UTF8'"),
    ] {
        let said = begin(&wrong).await;
        let is_right = matches!(&said, Err(Trouble::Refused(why)) if why.contains(fix));
        assert!(is_right, "{wrong}: {said:?}");
    }
    served.server.crash();
    let said = Engine::new(Address::read(&url, served.folder.path()).unwrap());
    let said = said.unwrap().begin().await;
    assert!(matches!(said, Err(Trouble::Away(_))), "{said:?}");
}

#[test]
fn an_engine_over_the_network_is_reached_by_tls_unless_root_says_otherwise() {
    use super::Care;
    use tokio_postgres::config::SslMode;

    let folder = Scratch::new();
    for (url, expected) in [
        ("postgresql://a@pg1,pg2/b", SslMode::Require),
        ("postgresql://a@pg1/b?sslmode=prefer", SslMode::Require),
        ("postgresql://a@/b?hostaddr=192.0.2.1", SslMode::Require),
        ("postgresql://a@pg1/b?sslmode=disable", SslMode::Disable),
        ("postgresql://a@%2Frun%2Fpostgresql/b", SslMode::Disable),
        ("postgresql:///b", SslMode::Disable),
    ] {
        let address = Address::read(url, folder.path()).unwrap();
        for care in [Care::Sure, Care::Soft] {
            assert_eq!(address.config(care).get_ssl_mode(), expected, "{url}");
        }
    }
    let said = Address::read("postgresql://a@pg1/b?color=red", folder.path()).err();
    assert!(said.is_some_and(|said| said.contains("[relay] engine")));
}

#[tokio::test]
async fn over_the_network_only_the_engine_that_the_ca_has_certified_is_talked_to() {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    use antiphon_certificate::authority::{Authority, OwnKey, Side};
    use antiphon_tests::ServerTls;

    use crate::clock;

    const PG1: &str = "postgresql://antiphon@pg1.example.org/antiphon?hostaddr=127.0.0.1";
    let mut served = Served::start();
    let [ours, other] = ["ours", "other"].map(|name| Authority::new(name).unwrap());
    let own = OwnKey::new().unwrap();
    let certificate = ours.sign("pg1.example.org", &own.public, Side::Relay, clock::now());
    let tls = ServerTls {
        certificate: &certificate.unwrap(),
        key: &own.pem,
    };
    served.server.open_to_network("hunter 2", Some(tls));
    let password = served.folder.join("engine.password");
    fs::write(&password, "hunter 2").unwrap();
    fs::set_permissions(&password, Permissions::from_mode(0o600)).unwrap();
    let trust = |authority: &Authority| {
        let certificate = authority.certificate(clock::now()).unwrap();
        fs::write(served.folder.join("engine-ca.pem"), certificate).unwrap();
    };
    let engine = |url: &str| Engine::new(Address::read(url, served.folder.path())?);
    let begin = async |url: &str| engine(url).unwrap().begin().await;
    let is_refused = async |url: &str, why: &str| {
        let said = begin(url).await;
        let is_right = matches!(&said, Err(Trouble::Away(said)) if said.contains(why));
        assert!(is_right, "{url}: {said:?}");
    };
    trust(&ours);
    for how in [
        "",
        "&sslmode=prefer",
        "&sslmode=require",
        "&sslmode=verify-full",
    ] {
        assert_eq!(begin(&format!("{PG1}{how}")).await, Ok(()), "{how:?}");
    }
    is_refused(&PG1.replace("pg1", "pg2"), "certificate").await;
    trust(&other);
    is_refused(PG1, "certificate").await;
    // Nor is an engine without TLS.
    trust(&ours);
    served.server.open_to_network("hunter 2", None);
    for how in ["", "&sslmode=prefer"] {
        is_refused(&format!("{PG1}{how}"), "TLS").await;
    }
}

#[test]
fn the_password_is_in_a_file_that_others_cannot_read() {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    use super::Care;

    let folder = Scratch::new();
    let path = folder.join("engine.password");
    fs::write(&path, "hunter 2 \n").unwrap();
    let read = || Address::read("postgresql://a@%2Frun/b", folder.path());
    fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
    let said = read().err().unwrap();
    assert!(said.contains("chmod") && !said.contains("hunter"), "{said}");
    fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
    let config = read().unwrap().config(Care::Sure);
    assert_eq!(config.get_password(), Some(&b"hunter 2 "[..]));
}
