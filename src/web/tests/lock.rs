use futures_util::FutureExt as _;
use futures_util::future::join;
use wasm_bindgen_test::wasm_bindgen_test;

use super::support::{
    block_storage_area, get_item, hang_locks, hide_locks, hide_locks_in, in_other_document, lock_from, refuse_locks,
    remove_document, replace_storage_area, set_item, unlock_from, until,
};
use crate::ports::{Clock as _, Lock as _};
use crate::testing::lock_contract;
use crate::web::browser::Browser;

const NAME: &str = "cognito-wasm/test/lock";
const LEASE: &str = "cognito-wasm/test/lock/lease";

#[wasm_bindgen_test]
async fn web_locks_keep_the_contract() {
    lock_contract(Browser::default(), Browser::default()).await;
    assert_eq!(
        get_item("cognito-wasm/contract/lock/lease"),
        None,
        "no lease was needed"
    );
}

#[wasm_bindgen_test]
async fn leases_keep_the_contract_where_there_are_no_locks() {
    let _locks = hide_locks();
    lock_contract(Browser::default(), Browser::default()).await;
    assert_eq!(
        get_item("cognito-wasm/contract/lock/lease"),
        None,
        "all were given back"
    );
}

#[wasm_bindgen_test]
async fn a_lease_serves_where_locks_are_refused() {
    let _locks = refuse_locks();
    let held = Browser::default().lock(NAME, 5_000).await;
    assert!(held.is_some() && get_item(LEASE).is_some());
    drop(held);
    assert_eq!(get_item(LEASE), None);
}

#[wasm_bindgen_test]
async fn lock_manager_that_hangs_holds_up_no_call() {
    let _locks = hang_locks();
    assert!(Browser::default().lock(NAME, 50).await.is_none());
}

#[wasm_bindgen_test]
async fn a_lock_excludes_other_documents() {
    let other = in_other_document("lock.js").await;
    let held = Browser::default().lock(NAME, 5_000).await.unwrap();
    assert!(!lock_from(&other, NAME, 50.0).await);
    drop(held);
    assert!(lock_from(&other, NAME, 5_000.0).await);
    assert!(Browser::default().lock(NAME, 50).await.is_none());
    unlock_from(&other);
    assert!(Browser::default().lock(NAME, 5_000).await.is_some());
    remove_document(&other);
}

#[wasm_bindgen_test]
async fn of_two_documents_that_race_for_a_lease_one_gets_it() {
    let other = in_other_document("lock.js").await;
    let _locks = (hide_locks(), hide_locks_in(&other));
    let browser = Browser::default();
    for _ in 0..5 {
        let (mine, others) = join(browser.lock(NAME, 300), lock_from(&other, NAME, 300.0)).await;
        assert_ne!(mine.is_some(), others);
        drop(mine);
        unlock_from(&other);
        until(|| get_item(LEASE).is_none()).await;
    }
    remove_document(&other);
}

#[wasm_bindgen_test]
async fn a_lease_that_another_tab_overwrites_while_it_settles_is_not_held() {
    let _locks = hide_locks();
    let browser = Browser::default();
    let until_taken = async {
        until(|| get_item(LEASE).is_some()).await;
        set_item(LEASE, &format!("another {}", browser.now() + 6_000));
    };
    let (mine, ()) = join(browser.lock(NAME, 300), until_taken).await;
    assert!(mine.is_none());
    assert!(
        get_item(LEASE).is_some_and(|lease| lease.starts_with("another")),
        "it is left alone"
    );
    set_item(LEASE, "");
}

#[wasm_bindgen_test]
async fn the_lease_of_a_tab_that_crashed_runs_out() {
    let _locks = hide_locks();
    let browser = Browser::default();
    for lease in [
        format!("crashed {}", browser.now() + 400),
        // Written before the clock was set back.
        format!("crashed {}", browser.now() + 3_600_000),
        "no lease at all".to_owned(),
    ] {
        set_item(LEASE, &lease);
        assert!(browser.lock(NAME, 5_000).await.is_some(), "{lease}");
    }
}

#[wasm_bindgen_test]
async fn a_lease_is_renewed_while_it_is_held() {
    let _locks = hide_locks();
    let held = Browser::default().lock(NAME, 5_000).await;
    let first = get_item(LEASE).unwrap();
    until(|| get_item(LEASE).is_some_and(|lease| lease != first)).await;
    drop(held);
    assert_eq!(get_item(LEASE), None);
}

#[wasm_bindgen_test]
async fn a_wait_for_a_lease_that_is_given_up_leaves_none_behind() {
    let _locks = hide_locks();
    let browser = Browser::default();
    {
        let mut waiting = std::pin::pin!(browser.lock(NAME, 5_000));
        assert!(waiting.as_mut().now_or_never().is_none());
        until(|| get_item(LEASE).is_some()).await;
    }
    until(|| get_item(LEASE).is_none()).await;
}

#[wasm_bindgen_test]
async fn without_locks_and_local_storage_no_call_waits() {
    let _locks = hide_locks();
    let browser = Browser::default();
    let start = browser.monotonic();
    let blocked = block_storage_area("localStorage");
    assert!(browser.lock(NAME, 60_000).await.is_none());
    drop(blocked);
    let full = replace_storage_area("localStorage", "full");
    assert!(browser.lock(NAME, 60_000).await.is_none());
    drop(full);
    assert!(browser.monotonic() - start < 30_000);
}
