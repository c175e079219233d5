//! The questions about models: the list of profiles, and per model id access, life, and the model call itself.

use futures_util::future::join_all;
use tokio::sync::OnceCell;

use super::Asking;
use crate::aws::answer::{Answer, Availability, Hop, InferenceProfile, Lifecycle, ModelAnswers, ModelReply};
use crate::aws::clients::Aws;
use crate::aws::mantle;
use crate::aws::probe::{self, Shape};
use crate::aws::questions::{self, foundation_model, is_application_profile, is_profile_arn};
use crate::resolve::models::with_profiles;
use crate::resolve::{Model, Role};
use crate::variables::is_truthy;

/// What was asked about models.
pub(super) struct OfModels {
    pub profiles: Answer<Vec<InferenceProfile>>,
    pub models: Vec<ModelAnswers>,
    pub use_case_form: Answer<bool>,
}

impl OfModels {
    /// Some call was refused for want of a quota.
    pub(super) fn throttled(&self) -> bool {
        let refusals = self.models.iter().filter_map(|model| model.stream.refused());
        refusals.into_iter().any(|refusal| refusal.status == 429 || refusal.code.contains("Quota"))
    }
}

/// Second looks that are taken once, however many models ask for them.
#[derive(Default)]
struct Once {
    use_case_form: OnceCell<Answer<bool>>,
}

const NO_REFUSAL: &str = "no answer asked for this second look";

impl Asking<'_> {
    pub(super) async fn models(&self, aws: Result<&Aws, &&'static str>) -> OfModels {
        let once = Once::default();
        // Pins are known at once; an unpinned tier is what the region's list says.
        let (pinned, unpinned): (Vec<_>, Vec<_>) =
            self.route.models.iter().partition(|model| model.pinned_by.is_some());
        let pinned = distinct(pinned.iter().map(|model| &model.id));
        let (profiles, mut models) = match aws {
            Err(why) => {
                let all = distinct(pinned.iter().chain(unpinned.iter().map(|model| &model.id)));
                let profiles = self.run.skip("inference-profiles", why);
                (profiles, all.into_iter().map(|id| self.unasked(id, why)).collect())
            }
            Ok(aws) => {
                let ((profiles, others), models) = tokio::join!(
                    async {
                        let profiles = self.profiles(aws, &pinned).await;
                        let list = profiles.got().map(Vec::as_slice).unwrap_or_default();
                        let all = match profiles {
                            Answer::Got(_) => with_profiles(self.route, self.machine, list),
                            _ => self.route.models.clone(),
                        };
                        let new = all.iter().map(|model| &model.id).filter(|id| !pinned.contains(id));
                        let others = distinct(new).into_iter().map(|id| {
                            let main = is_main(&all, &id);
                            self.model(aws, id, list, main, &once)
                        });
                        let others = join_all(others).await;
                        (profiles, others)
                    },
                    join_all(
                        pinned
                            .iter()
                            .map(|id| { self.model(aws, id.clone(), &[], is_main(&self.route.models, id), &once) })
                    ),
                );
                (profiles, models.into_iter().chain(others).collect::<Vec<_>>())
            }
        };
        models.sort_by_key(|answers| self.route.models.iter().position(|model| model.id == answers.id));
        let unasked = || Answer::NotAsked(NO_REFUSAL.to_owned());
        OfModels { profiles, models, use_case_form: once.use_case_form.into_inner().unwrap_or_else(unasked) }
    }

    async fn profiles(&self, aws: &Aws, pinned: &[String]) -> Answer<Vec<InferenceProfile>> {
        let list = |name: &'static str, application| {
            let aws = aws.clone();
            self.run.question(name, move || {
                let aws = aws.clone();
                async move { questions::profiles(&aws, application).await }
            })
        };
        if !pinned.iter().any(|id| is_application_profile(id)) {
            return list("inference-profiles", false).await;
        }
        match tokio::join!(list("inference-profiles", false), list("application-profiles", true)) {
            (Answer::Got(system), Answer::Got(own)) => Answer::Got(system.into_iter().chain(own).collect()),
            (system, _) => system,
        }
    }

    /// Everything about one id, at once where it can be.
    async fn model(&self, aws: &Aws, id: String, list: &[InferenceProfile], main: bool, once: &Once) -> ModelAnswers {
        let elsewhere = self
            .route
            .elsewhere(&id)
            .map(|small| aws.in_region(&small.region.value, &small.endpoints.runtime, &small.endpoints.control));
        let aws = elsewhere.as_ref().unwrap_or(aws);
        let of_profile = async {
            if is_application_profile(&id) {
                // Only the profile itself tells the model behind it.
                let profile = self.profile(aws, &id).await;
                let own = profile.got().cloned();
                let model = foundation_model(&id, own.as_ref().map(std::slice::from_ref).unwrap_or(list));
                let (availability, lifecycle) = self.behind(aws, &id, model).await;
                (profile, availability, lifecycle)
            } else {
                let model = foundation_model(&id, list);
                let (profile, (availability, lifecycle)) =
                    tokio::join!(self.profile(aws, &id), self.behind(aws, &id, model));
                (profile, availability, lifecycle)
            }
        };
        let ((stream, invoke), (profile, availability, lifecycle), count_tokens) =
            tokio::join!(self.probe(aws, &id, once), of_profile, self.count_tokens(aws, &id, main));
        ModelAnswers { stream, invoke, availability, lifecycle, profile, count_tokens, id }
    }

    /// Access to the foundation model behind an id, and its life.
    async fn behind(&self, aws: &Aws, id: &str, model: Option<String>) -> (Answer<Availability>, Answer<Lifecycle>) {
        match model {
            Some(model) => tokio::join!(
                self.ask_model(aws, "availability", id, &model, |aws, model| async move {
                    questions::availability(&aws, &model).await
                }),
                self.ask_model(aws, "lifecycle", id, &model, |aws, model| async move {
                    questions::lifecycle(&aws, &model).await
                }),
            ),
            None => {
                let why = "the model behind the profile is not known";
                (self.run.skip(format!("availability:{id}"), why), self.run.skip(format!("lifecycle:{id}"), why))
            }
        }
    }

    async fn profile(&self, aws: &Aws, id: &str) -> Answer<InferenceProfile> {
        if !is_profile_arn(id) {
            return Answer::NotAsked("the id is not the ARN of a profile".to_owned());
        }
        self.ask_model(aws, "profile", id, id, |aws, id| async move { questions::profile(&aws, &id).await }).await
    }

    /// What `/context` asks, for the main model: costs nothing.
    async fn count_tokens(&self, aws: &Aws, id: &str, main: bool) -> Answer<()> {
        let model = foundation_model(id, &[]).filter(|_| main && self.options.probe && !self.route.asks_mantle(id));
        let Some(model) = model else {
            return Answer::NotAsked("asked for the main model alone".to_owned());
        };
        self.ask_model(aws, "count-tokens", id, &model, |aws, model| async move {
            questions::count_tokens(&aws, &model).await
        })
        .await
    }

    /// The streaming call, and the second looks that its refusal asks for.
    async fn probe(&self, aws: &Aws, id: &str, once: &Once) -> (Answer<ModelReply>, Answer<ModelReply>) {
        let not_needed = || Answer::NotAsked(NO_REFUSAL.to_owned());
        if !self.options.probe {
            return (self.run.skip(format!("probe:{id}"), "model calls are left out (--no-probe)"), not_needed());
        }
        if self.route.asks_mantle(id) {
            let base = self.route.endpoints.mantle.clone();
            let call = move |aws: Aws, id: String| {
                let base = base.clone();
                async move { mantle::call(&aws, &base, &id).await }
            };
            return (self.ask_model(aws, "probe", id, id, call).await, not_needed());
        }
        let without_betas = self.route.effective.get("CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS").is_some_and(is_truthy);
        let shape = Shape::first(!without_betas);
        let stream = self
            .ask_model(aws, "probe", id, id, move |aws, id| async move { probe::stream(&aws, &id, shape).await })
            .await;
        let plain = async {
            match streaming_matters(&stream) {
                true => {
                    self.ask_model(aws, "invoke", id, id, move |aws, id| async move {
                        probe::invoke(&aws, &id, shape).await
                    })
                    .await
                }
                false => not_needed(),
            }
        };
        let form = async {
            if stream.refused().is_some_and(|refusal| matches!(refusal.status, 403 | 404)) {
                once.use_case_form.get_or_init(|| self.use_case_form(aws)).await;
            }
        };
        let (invoke, ()) = tokio::join!(plain, form);
        (stream, invoke)
    }

    async fn use_case_form(&self, aws: &Aws) -> Answer<bool> {
        self.ask_model(aws, "use-case-form", "", "", |aws, _| async move { questions::use_case_form(&aws).await }).await
    }

    /// One question with one text to ask it about; `id` is what the list of checks shows beside its name.
    async fn ask_model<T, F, W>(&self, aws: &Aws, name: &str, id: &str, about: &str, ask: F) -> Answer<T>
    where
        T: Clone + Send + 'static,
        F: Fn(Aws, String) -> W + Send + 'static,
        W: Future<Output = Answer<T>> + Send + 'static,
    {
        let (aws, about) = (aws.clone(), about.to_owned());
        let name = if id.is_empty() { name.to_owned() } else { format!("{name}:{id}") };
        self.run.question(name, move || ask(aws.clone(), about.clone())).await
    }

    fn unasked(&self, id: String, why: &str) -> ModelAnswers {
        fn no<T>(why: &str) -> Answer<T> {
            Answer::NotAsked(why.to_owned())
        }
        let stream = self.run.skip(format!("probe:{id}"), why);
        ModelAnswers {
            id,
            stream,
            invoke: no(why),
            availability: no(why),
            lifecycle: no(why),
            profile: no(why),
            count_tokens: no(why),
        }
    }
}

/// The plain call can tell something where the stream was denied, broke, or carried the refusal inside.
fn streaming_matters(stream: &Answer<ModelReply>) -> bool {
    match stream {
        Answer::Refused(refusal) => {
            let inside = refusal.content_type.as_deref().is_some_and(|kind| kind.contains("eventstream"));
            refusal.is_access_denied() || inside || refusal.status < 400
        }
        // After two resets too: a box that breaks streams may do it before their first byte is through.
        Answer::Unreachable(failure) => {
            matches!(failure.hop, Hop::Stream | Hop::Reset) && !failure.before_the_request()
        }
        _ => false,
    }
}

fn is_main(models: &[Model], id: &str) -> bool {
    models.iter().any(|model| model.role == Role::Main && model.id == id)
}

fn distinct<'a>(ids: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut seen: Vec<String> = Vec::new();
    for id in ids {
        if !seen.contains(id) {
            seen.push(id.clone());
        }
    }
    seen
}
