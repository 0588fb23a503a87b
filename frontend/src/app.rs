//! The application: contexts, frame, routes.

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    components::{Route, Router, Routes},
    hooks::{use_location, use_navigate},
    path,
};

use crate::{
    components::{
        dock::UploadDock,
        frame::{Footer, TopBar},
        notices::Notices,
    },
    pages, routes,
    state::{choice::ClientChoice, session::SessionHandle, toasts::Toasts, use_session},
    upload::Transfer,
};

/// The whole application.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    Toasts::provide();
    ClientChoice::provide();
    Transfer::provide();
    let session = SessionHandle::provide();
    let suffix = move || session.registry_name();
    view! {
        <Title formatter=move |page: String| if page.is_empty() { suffix() } else { format!("{page} · {}", suffix()) } />
        <Router>
            <TermsGate />
            <TopBar />
            <main id="content" tabindex="-1">
                <Routes fallback=|| view! { <pages::errors::NotFound /> }>
                    <Route path=path!("/") view=pages::home::HomePage />
                    <Route path=path!("/login") view=pages::login::LoginPage />
                    <Route path=path!("/setup") view=pages::setup::SetupPage />
                    <Route path=path!("/terms") view=pages::terms::TermsPage />
                    <Route path=path!("/policy") view=pages::terms::TermsPage />
                    <Route path=path!("/welcome") view=pages::terms::WelcomePage />
                    <Route path=path!("/collections") view=pages::collections::CollectionsPage />
                    <Route path=path!("/collections/new") view=pages::new_collection::NewCollectionPage />
                    <Route path=path!("/collections/:collection") view=pages::collection::CollectionPage />
                    <Route path=path!("/collections/:collection/settings") view=pages::collection_settings::SettingsPage />
                    <Route path=path!("/collections/:collection/upload") view=pages::upload::UploadPage />
                    <Route path=path!("/containers/:collection/:container") view=pages::container::ContainerPage />
                    <Route path=path!("/search") view=pages::search::SearchPage />
                    <Route path=path!("/keys") view=pages::keys::KeysPage />
                    <Route path=path!("/keys/:fingerprint") view=pages::keys::KeyPage />
                    <Route path=path!("/labels") view=pages::labels::LabelsPage />
                    <Route path=path!("/labels/:key") view=pages::labels::LabelPage />
                    <Route path=path!("/labels/:key/:value") view=pages::labels::LabelValuePage />
                    <Route path=path!("/topics") view=pages::topics::TopicsPage />
                    <Route path=path!("/topics/:topic") view=pages::topics::TopicPage />
                    <Route path=path!("/tools") view=pages::tools::ToolsPage />
                    <Route path=path!("/tools/api") view=pages::tools::ApiPage />
                    <Route path=path!("/tools/treemap") view=pages::treemap::TreemapPage />
                    <Route path=path!("/teams") view=pages::teams::TeamsPage />
                    <Route path=path!("/teams/new") view=pages::teams::NewTeamPage />
                    <Route path=path!("/teams/:team") view=pages::teams::TeamPage />
                    <Route path=path!("/invite/:code") view=pages::teams::InvitationPage />
                    <Route path=path!("/robots/:robot") view=pages::robots::RobotPage />
                    <Route path=path!("/robots") view=pages::robots::RobotsPage />
                    <Route path=path!("/profile") view=pages::profile::ProfilePage />
                    <Route path=path!("/token") view=pages::token::TokenPage />
                    <Route path=path!("/auth/tokens") view=pages::token::TokenPage />
                    <Route path=path!("/account/password") view=pages::password::PasswordPage />
                    <Route path=path!("/account/logins") view=pages::logins::LoginsPage />
                    <Route path=path!("/users/:user") view=pages::person::PersonPage />
                    <Route path=path!("/admin/users") view=pages::users::UsersPage />
                    <Route path=path!("/admin/:part?") view=pages::admin::AdminPage />
                    <Route path=path!("/about") view=pages::about::AboutPage />
                </Routes>
            </main>
            <Footer />
            <UploadDock />
        </Router>
        <Notices />
    }
}

/// Whoever has not accepted the terms of use is asked to, before anything else.
#[component]
fn TermsGate() -> impl IntoView {
    let session = use_session();
    let location = use_location();
    let navigate = use_navigate();
    Effect::new(move || {
        let due = session
            .account()
            .is_some_and(|account| !account.terms_accepted);
        if due && location.pathname.get() != "/terms" {
            navigate(
                &routes::Route::Terms.href(),
                leptos_router::NavigateOptions::default(),
            );
        }
    });
}
