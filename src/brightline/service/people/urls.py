"""The addresses of people: the first run, who works here, their tokens, and two pages of allauth that are ours."""

from __future__ import annotations

from django.urls import path

from brightline.service.people import keys, pages, sign_on, token_pages, views, welcome

urlpatterns = [
    path("people/first-run/", views.first_run, name="first_run"),
    path("people/demo/", views.demo, name="demo"),
    path("people/", pages.people, name="people"),
    path("people/<uuid:uid>/", pages.person, name="person"),
    path("people/<uuid:uid>/role/", pages.change_role, name="person_role"),
    path("people/<uuid:uid>/deactivate/", pages.deactivate, name="person_deactivate"),
    path("people/<uuid:uid>/activate/", pages.activate, name="person_activate"),
    path("people/<uuid:uid>/link/", pages.new_link, name="person_link"),
    path("people/<uuid:uid>/factors/", pages.reset_factors, name="person_factors"),
    path("people/<uuid:uid>/welcome/<str:key>/", welcome.welcome, name="welcome"),
    path("tokens/", token_pages.tokens, name="tokens"),
    path("tokens/<int:number>/revoke/", token_pages.revoke_token, name="token_revoke"),
    # before allauth's own, which they replace
    path("account/oidc/<str:provider_id>/login/", sign_on.sign_on, name="openid_connect_login"),
    path("account/2fa/webauthn/keys/<int:pk>/remove/", keys.remove_key, name="mfa_remove_webauthn"),
]
