//! Small cases, in every order that they can happen in: two tabs, and what each does between two awaits of the other.
//!
//! A tab goes on until it has to wait, then any other may. The bound is on how often a tab is interrupted that could have
//! gone on; everything else is tried.

use std::rc::Rc;

use super::calls::Ask;
use super::choices::{Choices, Search};
use super::cognito::Cognito;
use super::faults::{Fault, Faults, Kind};
use super::invariants::{self, Invariant};
use super::page::Page;
use super::script::Story;
use super::world::World;
use crate::ports::Millis;

/// How long everything may take that a case has begun, before the quiet.
const AFTERWARDS: Millis = 60_000;

/// More orders than these are a case too large.
const MOST_ORDERS: usize = 30_000;

/// Two tabs, and what they begin at once.
struct Case {
    name: &'static str,
    /// How often a tab may be interrupted.
    bound: usize,
    start: Start,
    begin: fn(&Rc<World>, &Rc<Page>, &Rc<Page>),
    /// What holds in the end beside all other promises.
    holds: fn(&World),
}

/// How both tabs stand.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Start {
    SignedOut,
    /// A user has signed in.
    SignedIn,
    /// A user has signed in, and the tokens have expired.
    Expired,
    /// A user is asked for a code in the first, and the second has taken the question up.
    Asked,
}

fn in_every_order(case: &Case) {
    let Case { name, bound, .. } = case;
    let mut orders = 0;
    let mut next = Some(Search::new(*bound));
    while let Some(search) = next {
        orders += 1;
        let (search, _, violation) = run(case, search, false);
        if let Some(violation) = violation {
            let (_, trace, _) = run(case, search.again(), true);
            panic!("{name}, order {orders}: {violation}\n{}", trace.join("\n"));
        }
        next = search.next();
        assert!(orders < MOST_ORDERS, "{name} has too many orders");
    }
    println!("{name}: {orders} orders with at most {bound} interruptions");
}

fn run(case: &Case, search: Search, is_traced: bool) -> (Search, Vec<String>, Option<String>) {
    let cognito = Cognito::new(Some(30_000), 600, true);
    let faults = Faults::of(Kind::named("small", &[]));
    let world = World::new(Choices::Searched(search), cognito, faults, is_traced);
    let violation = tell(case, &mut Story::of(&world)).err();
    let trace = world.take_trace();
    world.end();
    let Choices::Searched(search) = world.choices.replace(Choices::seeded(0)) else {
        panic!("a search stays one");
    };
    (search, trace, violation)
}

fn tell(case: &Case, story: &mut Story) -> Result<(), String> {
    let world = Rc::clone(&story.world);
    let (first, second) = (world.open_page(), world.open_page());
    story.run_for(1_000)?;
    world.cognito.borrow_mut().asks_codes = case.start == Start::Asked;
    match case.start {
        Start::SignedOut => {}
        Start::SignedIn => {
            world.ask(&first, Ask::SignIn(0, true));
            story.run_for(2_000)?;
        }
        Start::Expired => {
            world.ask(&first, Ask::SignIn(0, true));
            story.run_for(700_000)?;
        }
        Start::Asked => {
            world.ask(&first, Ask::SignIn(0, true));
            story.run_for(1_000)?;
            world.ask(&second, Ask::Resume);
            story.run_for(1_000)?;
        }
    }
    (case.begin)(&world, &first, &second);
    turn(&world, true);
    story.run_for(AFTERWARDS)?;
    turn(&world, false);
    (case.holds)(&world);
    story.check()?;
    story.quiet_down()
}

fn turn(world: &World, is_on: bool) {
    if let Choices::Searched(search) = &mut *world.choices.borrow_mut() {
        search.turn(is_on);
    }
}

fn sign_out() -> Ask {
    Ask::SignOut {
        globally: false,
        revokes: true,
    }
}

/// The script does something when its turn comes, which is any time.
fn at_any_time(world: &Rc<World>, name: &str, act: impl FnOnce(&Rc<World>) + 'static) {
    let acting = Rc::clone(world);
    world.spawn(name.into(), None, None, async move { act(&acting) });
}

/// Not every order of it, but one: it is about numbers.
#[test]
fn two_tabs_whose_tokens_live_for_no_time_renew_them_within_bounds() {
    for life in [0, 2] {
        let cognito = Cognito::new(Some(30_000), life, true);
        let faults = Faults::of(Kind::named("no life", &[]));
        let world = World::new(Choices::seeded(0), cognito, faults, false);
        // That tokens which are dead cannot be had is no fault of the client's.
        world.faults.saw(Fault::Network);
        let violation = renew_without_end(&mut Story::of(&world)).err();
        world.end();
        assert_eq!(violation, None, "tokens that live for {life} s");
    }
}

fn renew_without_end(story: &mut Story) -> Result<(), String> {
    let world = Rc::clone(&story.world);
    let (first, second) = (world.open_page(), world.open_page());
    story.run_for(1_000)?;
    world.ask(&first, Ask::SignIn(0, true));
    story.run_for(2_000)?;
    for _ in 0..400 {
        for page in [&first, &second] {
            world.ask(
                page,
                Ask::GetTokens {
                    forces: true,
                    waits: Some(false),
                    timeout: None,
                },
            );
        }
        story.run_for(10_000)?;
    }
    let attempts = world.ledger.borrow().attempts.len();
    world.demand(Invariant::Bounded, attempts >= 60, || {
        format!("{attempts} renewals are all there were, so nothing was bounded.")
    });
    story.check()
}

#[test]
fn two_tabs_that_need_tokens_at_once_refresh_once() {
    in_every_order(&Case {
        name: "getTokens against getTokens",
        bound: 2,
        start: Start::Expired,
        begin: |world, first, second| {
            world.ask(first, Ask::tokens());
            world.ask(second, Ask::tokens());
        },
        holds: |world| {
            let attempts = world.ledger.borrow().attempts.len();
            world.demand(Invariant::OneRefresh, attempts == 1, || {
                format!("There were {attempts}.")
            });
        },
    });
}

#[test]
fn sign_out_during_a_refresh_leaves_no_user_signed_in() {
    in_every_order(&Case {
        name: "getTokens against signOut",
        bound: 2,
        start: Start::Expired,
        begin: |world, first, second| {
            world.ask(first, Ask::tokens());
            world.ask(second, sign_out());
        },
        holds: |world| {
            let stored = invariants::kept_in_store(world);
            world.demand(Invariant::EndedInStore, stored.is_none(), || {
                format!("{stored:?} is stored.")
            });
        },
    });
}

#[test]
fn sign_out_during_a_refresh_of_its_own_tab_leaves_no_user_signed_in() {
    in_every_order(&Case {
        name: "getTokens against signOut in one tab",
        bound: 2,
        start: Start::Expired,
        begin: |world, first, _| {
            world.ask(first, Ask::tokens());
            world.ask(first, sign_out());
            world.ask(first, Ask::tokens());
        },
        holds: |world| {
            let stored = invariants::kept_in_store(world);
            world.demand(Invariant::EndedInStore, stored.is_none(), || {
                format!("{stored:?} is stored.")
            });
        },
    });
}

#[test]
fn a_tab_that_was_put_away_hands_out_no_tokens_of_a_session_that_ended_meanwhile() {
    in_every_order(&Case {
        name: "signOut against a frozen tab",
        bound: 1,
        start: Start::SignedIn,
        begin: |world, first, second| {
            world.freeze(first);
            world.ask(second, sign_out());
            let (acting, page) = (Rc::clone(world), Rc::clone(first));
            world.spawn("thaw".into(), None, None, async move {
                acting.sleep(None, 1_000).await;
                acting.thaw(&page);
                acting.ask(&page, Ask::tokens());
            });
        },
        holds: |_| {},
    });
}

#[test]
fn a_clearing_that_dies_brings_no_ended_session_back() {
    in_every_order(&Case {
        name: "clearStorage against getTokens and a crash",
        bound: 1,
        start: Start::Expired,
        begin: |world, first, second| {
            world.ask(first, Ask::Clear);
            world.ask(second, Ask::tokens());
            let page = Rc::clone(first);
            at_any_time(world, "crash", move |world| world.kill(&page));
        },
        holds: |_| {},
    });
}

#[test]
fn a_refresh_against_a_sign_in_as_another_user_mixes_nothing() {
    in_every_order(&Case {
        name: "getTokens against signOut and signIn as another",
        bound: 1,
        start: Start::Expired,
        begin: |world, first, second| {
            world.ask(first, Ask::tokens());
            world.ask(second, sign_out());
            let page = Rc::clone(second);
            at_any_time(world, "signIn as another", move |world| {
                world.ask(&page, Ask::SignIn(1, true));
            });
        },
        holds: |_| {},
    });
}

#[test]
fn two_sign_ins_at_once_leave_one_of_the_two() {
    in_every_order(&Case {
        name: "signIn against signIn",
        bound: 2,
        start: Start::SignedOut,
        begin: |world, first, second| {
            world.ask(first, Ask::SignIn(0, true));
            world.ask(second, Ask::SignIn(1, true));
        },
        holds: |_| {},
    });
}

#[test]
fn a_tab_that_dies_in_its_refresh_takes_no_session_with_it() {
    in_every_order(&Case {
        name: "getTokens against a crash",
        bound: 2,
        start: Start::Expired,
        begin: |world, first, _| {
            world.ask(first, Ask::tokens());
            let page = Rc::clone(first);
            at_any_time(world, "crash", move |world| world.kill(&page));
        },
        holds: |world| {
            let stored = invariants::kept_in_store(world);
            let token = stored
                .and_then(|kept| kept.issue)
                .map(|issue| world.cognito.borrow().issues[issue].refresh_token);
            let refusal = token.and_then(|token| world.cognito.borrow().refusal_of(token, world.now()));
            world.demand(Invariant::Survives, token.is_some() && refusal.is_none(), || {
                format!("{stored:?} meets {refusal:?}.")
            });
        },
    });
}

#[test]
fn a_sign_in_that_dies_leaves_a_whole_record_or_none() {
    in_every_order(&Case {
        name: "signIn against a crash",
        bound: 2,
        start: Start::SignedOut,
        begin: |world, first, second| {
            world.ask(first, Ask::SignIn(1, true));
            world.ask(second, Ask::tokens());
            let page = Rc::clone(first);
            at_any_time(world, "crash", move |world| world.kill(&page));
        },
        holds: |_| {},
    });
}

#[test]
fn a_question_that_two_tabs_answer_begins_one_session() {
    in_every_order(&Case {
        name: "confirmSignIn against confirmSignIn",
        bound: 2,
        start: Start::Asked,
        begin: |world, first, second| {
            world.ask(first, Ask::Confirm(true));
            world.ask(second, Ask::Confirm(true));
        },
        holds: |world| {
            let begun = world.cognito.borrow().families.len();
            let is_one = begun == 1 && invariants::kept_in_store(world).is_some();
            world.demand(Invariant::Survives, is_one, || format!("{begun} have begun."));
        },
    });
}
