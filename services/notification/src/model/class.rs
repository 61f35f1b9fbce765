//! Why an attempt ended as it did, and the providers' codes by class.

/// Kept with every attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// Taken.
    Ok,
    /// Taken earlier under the same reference.
    Duplicate,
    /// Nothing was sent: DNS, refused, TLS, folder not writable.
    Connect,
    /// The provider says try later.
    Transient,
    /// The access token is stale: renew it once and ask again.
    AuthRefresh,
    /// Key, address list, account or permission: a person must act.
    AuthHuman,
    /// The account or this program is set up wrongly: a person must act.
    Config,
    /// Too fast.
    Rate,
    /// No credit, or the day's allowance is used.
    Quota,
    /// Not at this hour.
    Night,
    /// Brand name, template or registered text: a person must act.
    Template,
    /// The message itself is wrong: our defect.
    Payload,
    /// This person cannot or does not want to be reached so.
    Recipient,
    /// No answer we can trust.
    Ambiguous,
}

impl Class {
    /// Every class.
    pub const ALL: [Self; 14] = [
        Self::Ok,
        Self::Duplicate,
        Self::Connect,
        Self::Transient,
        Self::AuthRefresh,
        Self::AuthHuman,
        Self::Config,
        Self::Rate,
        Self::Quota,
        Self::Night,
        Self::Template,
        Self::Payload,
        Self::Recipient,
        Self::Ambiguous,
    ];

    /// As stored, measured and written in settings: "AUTH_HUMAN".
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Duplicate => "DUPLICATE",
            Self::Connect => "CONNECT",
            Self::Transient => "TRANSIENT",
            Self::AuthRefresh => "AUTH_REFRESH",
            Self::AuthHuman => "AUTH_HUMAN",
            Self::Config => "CONFIG",
            Self::Rate => "RATE",
            Self::Quota => "QUOTA",
            Self::Night => "NIGHT",
            Self::Template => "TEMPLATE",
            Self::Payload => "PAYLOAD",
            Self::Recipient => "RECIPIENT",
            Self::Ambiguous => "AMBIGUOUS",
        }
    }

    /// The class of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.name() == name)
    }
}

/// Which of Zalo's hosts answered: the same number means different things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// business.openapi.zalo.me: templates by telephone number.
    Zns,
    /// openapi.zalo.me: the official account.
    Oa,
    /// oauth.zaloapp.com: tokens.
    Oauth,
}

/// The class of Zalo's `error`; none for a number that no list of Zalo's has.
#[must_use]
pub fn zalo(family: Family, code: i64) -> Option<Class> {
    use Class as C;
    if code == 0 {
        return Some(C::Ok);
    }
    // An expired token has been seen under each of these from either host.
    if family != Family::Oauth && matches!(code, -124 | -216 | -220) {
        return Some(C::AuthRefresh);
    }
    match family {
        Family::Zns => zns(code),
        Family::Oa => oa(code),
        Family::Oauth => matches!(code, -14004..=-14002 | -14014 | -14020).then_some(C::AuthHuman),
    }
}

fn zns(code: i64) -> Option<Class> {
    use Class as C;
    Some(match code {
        -32 => C::Rate,
        -100 | -129 | -152 | -1123 => C::Transient,
        -105..=-101 | -125 | -135 | -136 | -1241 | -1351 => C::AuthHuman,
        -106 | -120 | -127 | -128 | -138 | -142 | -143 | -1201 | -1202 | -1381 => C::Config,
        -107 | -111 | -112 | -116 | -123..=-121 | -130 | -132 | -150..=-148 | -153 => C::Payload,
        -158 | -159 | -161 | -162 | -1121 | -1122 | -1124 | -1491 => C::Payload,
        -108 | -110 | -114 | -118 | -119 | -134 | -141..=-139 => C::Recipient,
        -109 | -113 | -117 | -131 | -145 | -146 | -151 | -1091 | -1131 => C::Template,
        -115 | -126 | -137 | -144 | -147 | -160 | -1441 | -1471 | -1472 => C::Quota,
        -133 => C::Night,
        _ => return None,
    })
}

fn oa(code: i64) -> Option<Class> {
    use Class as C;
    Some(match code {
        -32 => C::Rate,
        -200 | -214 => C::Transient,
        -100 | -201 | -210 | -233 | -238 | -241 => C::Payload,
        -204 | -205 | -209 | -212 | -219 | -221 | -223 | -224 | -242 | -320 => C::AuthHuman,
        -211 | -218 | -321 => C::Quota,
        -213 | -217 | -227 | -230 | -232 | -244 => C::Recipient,
        -234 => C::Night,
        -235 | -237 | -240 | -403 => C::Config,
        -248 | -249 => C::Template,
        _ => return None,
    })
}

/// eSMS's codes (`CodeResult`), unless the settings say otherwise. 99 has an ambiguous text: blocked, or no such number.
pub const SMS_CODES: &[(&str, Class)] = &[
    ("100", Class::Ok),
    ("124", Class::Duplicate),
    ("99", Class::Recipient),
    ("108", Class::Recipient),
    ("101", Class::AuthHuman),
    ("140", Class::AuthHuman),
    ("143", Class::AuthHuman),
    ("103", Class::Quota),
    ("104", Class::Template),
    ("118", Class::Template),
    ("146", Class::Template),
    ("177", Class::Template),
    ("201", Class::Template),
    ("160", Class::Rate),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_zalos_list_has_its_class() {
        let rows = include_str!("../../tests/data/zalo_errors.tsv");
        let mut seen = 0;
        for row in rows.lines().skip(1).filter(|row| !row.trim().is_empty()) {
            let fields: Vec<&str> = row.split('\t').collect();
            let family = match fields[1] {
                "zns" => Family::Zns,
                "oa" => Family::Oa,
                "oauth" => Family::Oauth,
                other => panic!("family {other}"),
            };
            let class = zalo(family, fields[0].parse().unwrap()).map(Class::name);
            assert_eq!(class, Some(fields[2]), "{row}");
            seen += 1;
        }
        assert_eq!(seen, 121, "rows of the list");
    }

    #[test]
    fn a_number_on_no_list_has_no_class() {
        for (family, code) in [(Family::Zns, -999), (Family::Oa, -118), (Family::Oauth, -124), (Family::Zns, 7)] {
            assert_eq!(zalo(family, code), None);
        }
    }

    #[test]
    fn names_lead_back_to_their_class() {
        for class in Class::ALL {
            assert_eq!(Class::named(class.name()), Some(class));
        }
        assert_eq!(Class::named("auth_human"), None);
    }
}
