use std::collections::HashSet;

use anymq_api::Capability;

use super::*;

/// How many ids each area has; a number changes only when an assertion is added.
const PER_AREA: &[(Area, usize)] = &[
    (Area::Conn, 23),
    (Area::Cid, 7),
    (Area::Meta, 3),
    (Area::Exl, 5),
    (Area::Ses, 17),
    (Area::Ack, 18),
    (Area::Rec, 7),
    (Area::Tx, 20),
    (Area::Prod, 22),
    (Area::Async, 13),
    (Area::Cons, 17),
    (Area::Hdr, 17),
    (Area::Prop, 25),
    (Area::Msg, 9),
    (Area::Text, 2),
    (Area::Bytes, 11),
    (Area::Map, 10),
    (Area::Strm, 11),
    (Area::Obj, 4),
    (Area::Sel, 37),
    (Area::P2p, 6),
    (Area::Top, 8),
    (Area::Dur, 16),
    (Area::Shr, 11),
    (Area::Brw, 8),
    (Area::Tmp, 8),
    (Area::Rr, 3),
    (Area::Rdl, 6),
    (Area::Exp, 6),
    (Area::Pri, 3),
    (Area::Dly, 7),
    (Area::Grp, 2),
    (Area::Err, 6),
    (Area::Thr, 6),
    (Area::Rob, 7),
    (Area::Xa, 3),
    (Area::Ctx, 5),
];

fn count(predicate: impl Fn(&Check) -> bool) -> usize {
    all().filter(|check| predicate(check)).count()
}

#[test]
fn the_checklist_is_complete() {
    assert_eq!(all().count(), 389);
    let counted: Vec<_> = Area::ALL.iter().map(|&area| (area, area.checks().len())).collect();
    assert_eq!(counted, PER_AREA);
}

#[test]
fn ids_are_unique_and_belong_to_their_area() {
    let ids: HashSet<_> = all().map(|check| check.id).collect();
    assert_eq!(ids.len(), all().count());
    for check in all() {
        let (area, number) = check.id.split_once('-').unwrap_or_default();
        assert_eq!(area, check.area.name(), "{}", check.id);
        assert!(number.len() == 2 && number.parse::<u8>().is_ok(), "{}", check.id);
        assert_eq!(find(check.id), Some(check));
    }
}

#[test]
fn ids_ascend_within_their_area() {
    for area in Area::ALL {
        assert!(area.checks().is_sorted_by_key(|check| check.id), "{area}");
    }
}

#[test]
fn levels_are_counted() {
    assert_eq!(count(|check| check.level == Level::CoreLocal), 44);
    assert_eq!(count(|check| check.observable), 14);
    for check in all() {
        let needy = check.level != Level::Capability || !check.needs.is_empty();
        assert!(needy, "{} is about no capability", check.id);
        let local = check.level == Level::CoreLocal;
        assert!(
            !local || (check.needs.is_empty() && check.abilities.is_empty()),
            "{}",
            check.id
        );
    }
}

#[test]
fn assertions_are_short() {
    for check in all() {
        let length = check.assertion.chars().count();
        assert!((10..=120).contains(&length), "{}: {length} characters", check.id);
        assert!(!check.section.is_empty(), "{}", check.id);
    }
}

#[test]
fn every_capability_and_ability_is_tested() {
    let named: HashSet<_> = all()
        .flat_map(|check| check.needs.iter().chain(check.unless.as_ref()))
        .collect();
    let silent: Vec<_> = Capability::ALL.iter().filter(|c| !named.contains(c)).collect();
    assert!(silent.is_empty(), "{silent:?}");
    for ability in Ability::ALL {
        assert!(count(|check| check.abilities.contains(ability)) > 0, "{ability:?}");
    }
}

#[test]
fn lost_links_and_redelivery_need_a_place_that_keeps_messages() {
    let lossy = |check: &&Check| {
        check.abilities.contains(&Ability::KillLink)
            || check.abilities.contains(&Ability::RestartBroker)
            || matches!(check.area, Area::Rec | Area::Rdl)
    };
    for check in all().filter(lossy) {
        assert!(!check.domain.places().contains(&Place::Topic), "{}", check.id);
    }
}

#[test]
fn selectors_are_held_by_place() {
    let check = find("SEL-03").map(|check| (check.needs_on(Place::Queue), check.needs_on(Place::Durable)));
    let queue = vec![Capability::Queues, Capability::QueueSelectors];
    let durable = vec![
        Capability::Topics,
        Capability::DurableSubscriptions,
        Capability::TopicSelectors,
    ];
    assert_eq!(check, Some((queue, durable)));
}

#[test]
fn needs_are_named_once() {
    let check = find("TX-21").map(|check| check.needs_on(Place::Durable));
    let needs = vec![
        Capability::Topics,
        Capability::DurableSubscriptions,
        Capability::Transactions,
    ];
    assert_eq!(check, Some(needs));
}

#[test]
fn the_two_that_test_refusals_keep_their_remarks() {
    let delay = find("DLY-08").and_then(|check| check.unless);
    assert_eq!(delay, Some(Capability::DeliveryDelay));
    assert!(find("ERR-08").is_some_and(|check| check.note.is_some_and(|note| note.contains("undeclared"))));
}

#[test]
fn retired_ids_are_unknown() {
    for id in ["CONN-10", "EXL-05", "conn-01", "CONN", "XYZ-01", ""] {
        assert_eq!(find(id), None, "{id}");
    }
}
