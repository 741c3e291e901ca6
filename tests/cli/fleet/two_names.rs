//! A directory whose people are called with its domain on some computers: the fleet knows each by one name.

use std::fs;

use super::RELAY;
use super::renewing::signed;
use crate::Daemon;
use crate::command::antiphon;
use crate::daemon::in_house;
use crate::phone_added::add;

const STRIPPED: &str = "[fleet]\nstrip_domain = \"example.org\"\n";
const LONG: &str = "alice@example.org";

#[test]
fn two_records_of_one_person_are_refused_by_every_command_until_one_is_taken_out() {
    in_house(|world| {
        antiphon(world, super::INIT).done();
        let _relay = Daemon::start(world, &format!("{RELAY}{STRIPPED}"));
        let (_phone, _) = add(world, "Pixel 9");
        let before = signed().0;
        let record = fs::read_to_string(world.record_path("alice")).unwrap();
        let record = record.replace("\"alice\"", &format!("\"{LONG}\""));
        fs::copy(world.record_path("alice"), world.record_path(LONG)).unwrap();
        let record = record.replace("Pixel 9", "Fairphone");
        fs::write(world.record_path(LONG), record).unwrap();
        // Whichever the fleet believed, the other's phones would be asked no more.
        for named in ["", "alice", LONG] {
            let said = antiphon(world, &format!("fleet renew {named} --json")).exits(1);
            let row = said.object()["people"][0].clone();
            assert_eq!(row["outcome"], "failed", "{row}");
            let reason = row["reason"].as_str().unwrap();
            assert!(
                reason.contains("both have a record") && reason.contains("antiphon remove alice,"),
                "{reason}"
            );
        }
        antiphon(world, "number add alice +46701234521").failed(78, "both have a record");
        assert_eq!(signed().0, before);
        antiphon(world, "remove alice --yes").done();
        let names = |phones: Vec<antiphon_core::record::Phone>| {
            let names = phones.into_iter().map(|phone| phone.name);
            names.collect::<Vec<String>>()
        };
        assert_eq!(names(signed().1.phones), ["Fairphone"]);
        antiphon(world, "fleet renew").done().says("Failed: 0.");
        assert_eq!(names(signed().1.phones), ["Fairphone"]);
    });
}
