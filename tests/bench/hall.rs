//! A centre with 200 counters, by the same RPC as an operator's.
use std::fmt::Write as _;

use motcua_proto::routing::v1::ApplyCentreRequest;
use motcua_tests::centre::{CENTRE_ID, Centre};

pub const COUNTERS: usize = 200;
pub const QUEUES: usize = 20;

/// Queue of a number, round and round.
pub fn queue(number: usize) -> String {
    format!("hang-{}", number % QUEUES + 1)
}

/// Counter of a number below [`COUNTERS`].
pub fn counter(number: usize) -> String {
    format!("quay-{}", number + 1)
}

/// Every counter serves its own queue first and the next one too.
pub async fn apply(centre: &Centre) {
    let mut toml = format!(
        "id = \"{CENTRE_ID}\"\nname = \"Trung tâm đo tốc độ\"\nprovince = \"Vĩnh Long\"\nagency_code = \"000.00.00.H61\"\n\
         address = \"\"\nhotline = \"\"\nguidance_queue = \"hang-1\"\n[hours]\n"
    );
    for day in ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] {
        writeln!(toml, "{day} = [\"00:30-12:00\", \"12:30-23:30\"]").unwrap();
    }
    toml.push_str("[[halls]]\nid = \"sanh\"\nname = \"Sảnh\"\n");
    for (number, letter) in (1..=QUEUES).zip('A'..) {
        writeln!(
            toml,
            "[[areas]]\nid = \"khu-{number}\"\nletter = \"{letter}\"\nname = \"Khu {letter}\"\ncolour = \"#0B4A7A\"\n\
             hall = \"sanh\"\n[[queues]]\nid = \"hang-{number}\"\narea = \"khu-{number}\"\nname = \"Hàng {number}\""
        )
        .unwrap();
    }
    for number in 0..COUNTERS {
        writeln!(
            toml,
            "[[counters]]\nid = \"{}\"\nnumber = {}\nname = \"Quầy\"\nhall = \"sanh\"\n\
             skills = [{{ queue = \"{}\", preference_minutes = 10 }}, {{ queue = \"{}\" }}]",
            counter(number),
            number + 1,
            queue(number),
            queue(number + 1)
        )
        .unwrap();
    }
    let request =
        ApplyCentreRequest { request_id: "bench".to_owned(), toml, file_name: "bench.toml".to_owned(), check: false };
    centre.clients("operator").routing.apply_centre(request).await.unwrap();
}
