//! Tokens: a pair at a time, a refresh token for one use.
use std::collections::BTreeMap;

use serde_json::json;

use super::{APP_ID, APP_SECRET, Book, FIRST, HOUR_MS};
use crate::doubles::http;

const ACCESS_LIFE_MS: i64 = 25 * HOUR_MS;

/// The pairs that were ever made.
#[derive(Default)]
pub(super) struct Pairs {
    refresh: String,
    /// Access tokens and their ends.
    access: BTreeMap<String, i64>,
    made: usize,
}

impl Pairs {
    pub fn first(now_ms: i64) -> Self {
        Self { refresh: FIRST.1.into(), access: [(FIRST.0.to_owned(), now_ms + ACCESS_LIFE_MS)].into(), made: 0 }
    }

    pub fn made(&self) -> usize {
        self.made
    }

    pub fn is_valid(&self, token: &str, now_ms: i64) -> bool {
        self.access.get(token).is_some_and(|end| now_ms < *end)
    }

    pub fn expire(&mut self) {
        self.access.clear();
    }
}

pub(super) fn renew(request: &http::Request, book: &mut Book) -> String {
    match check(request, &book.pairs) {
        Err((code, why)) => {
            book.refused.push(format!("{code}: {why}"));
            json!({ "error": code, "error_name": why, "error_reason": why, "ref_doc": "" }).to_string()
        }
        Ok(()) => {
            let pairs = &mut book.pairs;
            pairs.made += 1;
            let number = pairs.made + 1;
            let (access, refresh) = (format!("access-{number}"), format!("refresh-{number}"));
            pairs.access.insert(access.clone(), book.clock_ms + ACCESS_LIFE_MS);
            pairs.refresh = refresh.clone();
            json!({ "access_token": access, "refresh_token": refresh, "expires_in": "90000" }).to_string()
        }
    }
}

fn check(request: &http::Request, pairs: &Pairs) -> Result<(), (i64, String)> {
    if request.header("secret_key") != APP_SECRET {
        return Err((-14004, "secret key is wrong".into()));
    }
    if request.content_type != "application/x-www-form-urlencoded" {
        return Err((-14002, format!("content type {:?}", request.content_type)));
    }
    let body = String::from_utf8_lossy(&request.body).into_owned();
    let fields: BTreeMap<&str, &str> = body.split('&').filter_map(|pair| pair.split_once('=')).collect();
    if fields.get("app_id") != Some(&APP_ID) || fields.get("grant_type") != Some(&"refresh_token") {
        return Err((-14002, "application or grant type is wrong".into()));
    }
    if fields.get("refresh_token") != Some(&pairs.refresh.as_str()) {
        return Err((-14014, "refresh token is incorrect".into()));
    }
    Ok(())
}
