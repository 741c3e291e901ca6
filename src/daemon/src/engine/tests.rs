//! Engines of tests' own.

use std::sync::Arc;

use antiphon_tests::Postgres;

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
    assert_eq!(ask("SELECT form, needs FROM antiphon"), "2|1");
    // Again, and by two at the same time.
    let again = tokio::join!(engine.begin(), engine.begin());
    assert_eq!(again, (Ok(()), Ok(())));
    ask("UPDATE antiphon SET form = 3, needs = 1");
    assert_eq!(engine.begin().await, Ok(()));
    assert_eq!(ask("SELECT form, needs FROM antiphon"), "3|1");
    ask("UPDATE antiphon SET needs = 3");
    let Err(Trouble::Refused(said)) = engine.begin().await else {
        panic!("a later form was taken for ours");
    };
    assert!(said.contains("form 3") && said.contains("form 2"), "{said}");
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
    for (wrong, fix) in [
        (format!("{place}/other"), "CREATE DATABASE"),
        (format!("{place}/postgres"), "OWNER TO"),
        (url.replace("antiphon@", "nobody@"), "pg_hba.conf"),
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
