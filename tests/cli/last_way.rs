//! The last way in somewhere: root is told, and may insist.

use antiphon_tests::{Enrolled, Passkey, World, in_world};

use crate::command::{antiphon, files};
use crate::fix::status;

/// Alice has codes and a phone.
pub(crate) fn with_phone(world: &World) -> Enrolled {
    let phone = Passkey::new("Pixel", "http://localhost:8470").phone();
    let mut alice = world.enrol("alice");
    alice.change(|record| record.phones.push(phone));
    alice
}

#[test]
fn a_phone_that_is_the_only_way_in_somewhere_goes_only_if_root_insists_and_check_tells_of_it() {
    in_world(|world| {
        let _ = with_phone(world);
        world.configure("[service.sudo]\nmethods = [\"approval\", \"recovery\"]\n");
        let before = files(world);
        antiphon(world, "remove alice --phone Pixel --yes").failed(65, "has at sudo; first");
        assert_eq!(files(world), before);
        antiphon(world, "check").done().says_no("at sudo");
        antiphon(world, "remove alice --phone Pixel --yes --force").done();
        assert_eq!(status(world)["phones"], serde_json::json!([]));
        antiphon(world, "check")
            .done()
            .says("alice: has no way in at sudo but recovery codes");
    });
}

#[test]
fn the_only_way_in_at_all_does_not_go_even_so() {
    in_world(|world| {
        with_phone(world).change(|record| record.code = None);
        let before = files(world);
        antiphon(world, "remove alice --phone Pixel --yes --force")
            .failed(65, "or take all away: antiphon remove alice");
        assert_eq!(files(world), before);
    });
}

#[test]
fn a_number_that_is_the_only_way_in_somewhere_goes_only_if_root_insists() {
    in_world(|world| {
        let _ = world.enrol("alice");
        world.configure("[telephone]\nsms = true\n[service.vpn]\nmethods = [\"sms\"]\n");
        antiphon(world, "number add alice +46701234521").done();
        let before = files(world);
        antiphon(world, "number remove alice +46701234521").failed(65, "has at vpn; first");
        assert_eq!(files(world), before);
        antiphon(world, "number remove alice +46701234521 --force").done();
        assert_eq!(status(world)["numbers"], serde_json::json!([]));
    });
}
