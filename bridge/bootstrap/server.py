"""The one web application: pages, DAV tree and health checks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from bridge.application.access_secrets import SecretKind
from bridge.application.activity_editing import ActivityEditing
from bridge.application.activity_types import ActivityTypes
from bridge.application.agenda import Agendas
from bridge.application.calendar_sync import CalendarSync
from bridge.application.company_health import CompanyHealth
from bridge.application.company_people import CompanyPeople
from bridge.application.company_sharing import CompanySharing
from bridge.application.event_rules import EventRules
from bridge.application.held_changes import HeldChanges
from bridge.application.openid_sign_in import OpenIdRules, OpenIdSignIn
from bridge.application.own_account import OwnAccount
from bridge.application.personal_history import PersonalHistory
from bridge.application.readiness import readiness
from bridge.application.sign_in import SignIn
from bridge.application.single_dates import SingleDates
from bridge.bootstrap.background import planning, undo_of
from bridge.bootstrap.core import DAV_PREFIX, OPENID_CALLBACK_PATH, Core
from bridge.bootstrap.front import Front, WsgiApplication
from bridge.bootstrap.google_push import push_messages
from bridge.bootstrap.push import push_identity
from bridge.domain.web_push import PushHosts
from bridge.openid_connect.provider import Provider, ProviderClient
from bridge.web.activity_words import ICONS
from bridge.web.app import create_app
from bridge.web.calendar_file import CalendarFiles
from bridge.web.google_push import GooglePush
from bridge.web.services import AdminServices, WebServices
from radicale_plugin.limits import DavLimits
from radicale_plugin.peer import Addresses, peer_of
from radicale_plugin.push import PushOffer
from radicale_plugin.wsgi import build_application


def web_application(core: Core) -> Front:
    """Return everything that is served; nothing is connected yet."""
    settings = core.settings
    proxies = Addresses(settings.server.trusted_proxies)
    return Front(
        calendar_files=_behind_proxies(CalendarFiles(core.calendar_links), proxies),
        google_push=GooglePush(push_messages(core)),
        pages=_behind_proxies(create_app(web_services(core)).wsgi_app, proxies),
        dav=build_application(
            database=core.database,
            secret_key=core.keys.app_passwords,
            worker_key=core.keys.worker,
            trusted_addresses=settings.worker.trusted_addresses,
            trusted_proxies=settings.server.trusted_proxies,
            base_prefix=DAV_PREFIX,
            limits=DavLimits(
                max_object_bytes=settings.limits.max_object_bytes,
                max_xml_bytes=settings.limits.max_xml_bytes,
                max_hrefs=settings.limits.max_hrefs,
                max_instances=settings.limits.max_instances,
                max_calendars=settings.dav.max_calendars,
            ),
            user_calendars=settings.dav.user_calendars,
            push=push_offer(core),
        ),
        readiness=partial(readiness, core.database, clock=core.clock),
        prefix=DAV_PREFIX,
    )


def push_offer(core: Core) -> PushOffer | None:
    """Return what calendar programs are offered; None when it is switched off."""
    if not core.settings.push.enabled:
        return None
    return PushOffer(
        database=core.database,
        vault=core.keys.push_subscriptions,
        hosts=PushHosts(core.settings.push.allowed_hosts),
        public_key=push_identity(core).public_key,
        topic_key=core.keys.push_topics,
        base_url=core.settings.server.base_url.rstrip("/"),
        clock=core.clock.now,
    )


def web_services(core: Core) -> WebServices:
    """Return what the pages call."""
    sign_in = SignIn(core.database, clock=core.clock)
    return WebServices(
        sign_in=sign_in,
        openid=openid_sign_in(core, sign_in),
        openid_label=core.settings.oidc.label,
        calendar_sync=CalendarSync(
            core.database,
            connecting=core.connecting,
            planning=planning(core),
            clock=core.clock,
        ),
        event_rules=EventRules(
            core.database,
            google=core.google,
            cipher=core.keys.tokens,
            event_key=core.keys.event_ids,
            clock=core.clock,
        ),
        held_changes=HeldChanges(core.database, clock=core.clock),
        calendar_links=core.calendar_links,
        app_passwords=core.secrets(SecretKind.APP_PASSWORD),
        agendas=Agendas(core.database, clock=core.clock),
        activity_editing=ActivityEditing(core.database, clock=core.clock),
        single_dates=SingleDates(core.database, clock=core.clock),
        history=PersonalHistory(core.database),
        undo=undo_of(core, "pages"),
        own_account=OwnAccount(core.database),
        admin=admin_services(core),
        base_url=core.settings.server.public_url,
        caldav_url=f"{core.settings.server.public_url}{DAV_PREFIX}/",
        consent_url=core.settings.google.authorization_url,
        flash_key=core.keys.pages,
    )


def openid_sign_in(core: Core, sign_in: SignIn) -> OpenIdSignIn | None:
    """Return the sign-in by the configured OpenID provider; nobody is asked yet."""
    told = core.settings.oidc
    if not told.issuer:
        return None
    client = ProviderClient(
        issuer=told.issuer.rstrip("/"),
        client_id=told.client_id,
        client_secret=told.client_secret.reveal(),
        scopes=told.scopes,
        redirect_uri=core.settings.server.public_url + OPENID_CALLBACK_PATH,
    )
    rules = OpenIdRules(
        login_claim=told.login_claim,
        allowed_domains=frozenset(each.lower() for each in told.allowed_domains),
        create_users=told.create_users,
        company=told.company,
    )
    return OpenIdSignIn(
        core.database,
        provider=Provider(client),
        rules=rules,
        cipher=core.keys.openid_attempts,
        sign_in=sign_in,
        clock=core.clock,
    )


def admin_services(core: Core) -> AdminServices:
    """Return what the pages of admins call."""
    return AdminServices(
        people=CompanyPeople(core.database, connecting=core.connecting, clock=core.clock),
        sharing=CompanySharing(core.database, clock=core.clock),
        types=ActivityTypes(core.database, icons=ICONS),
        health=CompanyHealth(
            core.database, google=core.google, connecting=core.connecting, clock=core.clock
        ),
    )


def _behind_proxies(pages: WsgiApplication, proxies: Addresses) -> WsgiApplication:
    """Tell the pages the address of the person, as far as proxies we trust tell it."""

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        client = peer_of(environ, proxies=proxies).client
        return pages({**environ, "REMOTE_ADDR": client}, start_response)

    return application
