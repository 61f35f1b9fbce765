//! A routing that knows only how to tell a centre.

use std::pin::Pin;
use std::sync::{Arc, Mutex};

use motcua_proto::routing::v1::routing_service_server::RoutingService;
use motcua_proto::routing::v1::*;
use tonic::{Request, Response, Status};

#[derive(Clone, Default)]
pub struct FakeRouting(pub Arc<Mutex<Vec<Centre>>>);

type Stream<T> = Pin<Box<dyn futures::Stream<Item = Result<T, Status>> + Send>>;

macro_rules! not_here {
    ($($rpc:ident: $request:ident => $response:ty),* $(,)?) => {
        #[tonic::async_trait]
        impl RoutingService for FakeRouting {
            type WatchCallsStream = Stream<WatchCallsResponse>;
            type WatchQueueStream = Stream<WatchQueueResponse>;

            async fn get_centre(&self, request: Request<GetCentreRequest>) -> Result<Response<GetCentreResponse>, Status> {
                let id = request.into_inner().centre_id;
                let centre = self.0.lock().unwrap().iter().find(|centre| centre.id == id).cloned();
                match centre {
                    Some(centre) => Ok(Response::new(GetCentreResponse { centre: Some(centre) })),
                    None => Err(Status::not_found("no such centre")),
                }
            }

            $(async fn $rpc(&self, _: Request<$request>) -> Result<Response<$response>, Status> {
                Err(Status::unimplemented("not in this double"))
            })*
        }
    };
}

not_here! {
    issue_ticket: IssueTicketRequest => IssueTicketResponse,
    call_next: CallNextRequest => CallNextResponse,
    recall: RecallRequest => RecallResponse,
    mark_arrived: MarkArrivedRequest => MarkArrivedResponse,
    finish: FinishRequest => FinishResponse,
    mark_absent: MarkAbsentRequest => MarkAbsentResponse,
    transfer: TransferRequest => TransferResponse,
    watch_calls: WatchCallsRequest => Self::WatchCallsStream,
    watch_queue: WatchQueueRequest => Self::WatchQueueStream,
    get_counter: GetCounterRequest => GetCounterResponse,
    list_tickets: ListTicketsRequest => ListTicketsResponse,
    get_ticket: GetTicketRequest => GetTicketResponse,
    track_ticket: TrackTicketRequest => TrackTicketResponse,
    apply_centre: ApplyCentreRequest => ApplyCentreResponse,
}
