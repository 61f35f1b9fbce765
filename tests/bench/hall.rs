//! Made-up centres of any size, applied by the same RPC as an operator's.
use std::fmt::Write as _;

use motcua_proto::routing::v1::{ApplyCentreRequest, routing_service_client::RoutingServiceClient};
use motcua_tests::centre::{CENTRE_ID, Caller};

/// A centre: every counter serves its own queue first and the next one too.
#[derive(Clone, Debug)]
pub struct Hall {
    pub centre_id: String,
    pub counters: usize,
    pub queues: usize,
}

impl Hall {
    /// The centre of a run, with so many counters and queues.
    pub fn new(counters: usize, queues: usize) -> Self {
        Self { centre_id: CENTRE_ID.into(), counters, queues }
    }

    /// Queue of a number, round and round.
    pub fn queue(&self, number: usize) -> String {
        format!("hang-{}", number % self.queues + 1)
    }

    /// Counter of a number, round and round.
    pub fn counter(&self, number: usize) -> String {
        format!("quay-{}", number % self.counters + 1)
    }

    pub async fn apply(&self, mut operator: RoutingServiceClient<Caller>) {
        let (toml, file_name) = (self.toml(), "bench.toml".to_owned());
        let request_id = format!("bench-{}-{}-{}", self.centre_id, self.counters, self.queues);
        operator.apply_centre(ApplyCentreRequest { request_id, toml, file_name, check: false }).await.unwrap();
    }

    fn toml(&self) -> String {
        let mut toml = format!(
            "id = \"{}\"\nname = \"Trung tâm đo tốc độ\"\nprovince = \"Vĩnh Long\"\nagency_code = \"000.00.00.H61\"\n\
             address = \"\"\nhotline = \"\"\nguidance_queue = \"hang-1\"\n[hours]\n",
            self.centre_id
        );
        for day in ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] {
            writeln!(toml, "{day} = [\"00:30-12:00\", \"12:30-23:30\"]").unwrap();
        }
        toml.push_str("[[halls]]\nid = \"sanh\"\nname = \"Sảnh\"\n");
        for (number, letter) in (1..=self.queues).zip('A'..) {
            writeln!(
                toml,
                "[[areas]]\nid = \"khu-{number}\"\nletter = \"{letter}\"\nname = \"Khu {letter}\"\ncolour = \"#0B4A7A\"\n\
                 hall = \"sanh\"\n[[queues]]\nid = \"hang-{number}\"\narea = \"khu-{number}\"\nname = \"Hàng {number}\""
            )
            .unwrap();
        }
        for number in 0..self.counters {
            writeln!(
                toml,
                "[[counters]]\nid = \"{}\"\nnumber = {}\nname = \"Quầy\"\nhall = \"sanh\"\n\
                 skills = [{{ queue = \"{}\", preference_minutes = 10 }}, {{ queue = \"{}\" }}]",
                self.counter(number),
                number + 1,
                self.queue(number),
                self.queue(number + 1)
            )
            .unwrap();
        }
        toml
    }
}
