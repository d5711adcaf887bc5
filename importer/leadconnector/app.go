package leadconnector

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"relink/importer"
)

// lifetime of an access token whose answer names none (D).
const lifetime = 86399 * time.Second

// An App is the OAuth client that people authorize, and where it gets its tokens.
// Every field but UserAgent is required.
//
// golang.org/x/oauth2 is not used for the exchange: its refresh cannot send
// user_type=Location, its source uses a new pair before anybody could store it,
// and its error prints the whole answer of the service.
type App struct {
	Base      *url.URL // from ParseBase
	HTTP      Doer     // from NewHTTP
	ID        string
	Secret    Token
	UserAgent string // "relink" if empty
}

// A ticket is what can be exchanged, once.
type ticket struct {
	kind     string // grant_type
	text     Token
	redirect string // with an authorization code, if the app has several
}

// exchange is one POST /oauth/token (C): the new grant and the location it is
// for, if the answer names one. Its error is an *Error: Unsent when it may be
// otherwise in a minute, Refused or Blocked when not.
func (a App) exchange(ctx context.Context, t ticket) (grant, string, error) {
	form := url.Values{
		"client_id": {a.ID}, "client_secret": {a.Secret.reveal()}, "grant_type": {t.kind}, "user_type": {"Location"},
	}
	if t.kind == "authorization_code" {
		form.Set("code", t.text.reveal())
	} else {
		form.Set("refresh_token", t.text.reveal())
	}
	if t.redirect != "" {
		form.Set("redirect_uri", t.redirect)
	}
	watched, flight := watch(ctx)
	// The URL holds no secret, and so neither does the error.
	req, err := http.NewRequestWithContext(watched, http.MethodPost, under(a.Base, "/oauth/token", "", "").String(), strings.NewReader(form.Encode()))
	if err != nil {
		return grant{}, "", refusedHere("asking for a token", err, "")
	}
	agent := a.UserAgent
	if agent == "" {
		agent = defaultUserAgent
	}
	req.Header = http.Header{
		"Accept": {"application/json"}, "Content-Type": {"application/x-www-form-urlencoded"}, "User-Agent": {agent},
	}
	asked := time.Now().Round(0) // the wall clock: the other one stops while a machine sleeps
	res, err := a.HTTP.Do(req)
	if err != nil {
		if res != nil {
			_ = res.Body.Close()
		}
		e := flight.lost(err, t.text)
		e.Message = "asking for a token: " + a.clean(e.Message, t, maxMessage)
		e.unknown = e.Class == importer.Doubt
		e.Class = importer.Unsent
		return grant{}, "", e
	}
	defer func() { _ = res.Body.Close() }()
	body, _ := readBody(res.Body, nil, maxAnswer)
	if res.StatusCode < 200 || res.StatusCode > 299 {
		return grant{}, "", a.refusal(res, body, t)
	}
	return issued(body, asked)
}

// refusal reads an answer that is no 2xx.
func (a App) refusal(res *http.Response, body []byte, t ticket) *Error {
	said := read(res.Header.Get("Content-Type"), body)
	var told struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	if said.json && json.Unmarshal(body, &told) == nil && told.Description != "" {
		said.words = told.Error + ": " + told.Description
		said.text = strings.ToLower(said.words)
	}
	r := match(exchangeRules[:], answer{method: http.MethodPost, status: res.StatusCode, statement: said})
	words := a.clean(said.words, t, maxMessage)
	if words == "" {
		words = http.StatusText(res.StatusCode)
	}
	return &Error{
		Status: res.StatusCode, Class: r.class, Message: "asking for a token: " + words,
		TraceID: a.clean(said.trace, t, maxTraceID), advice: r.advice,
		unknown: r.class == importer.Unsent && res.StatusCode != http.StatusTooManyRequests,
	}
}

// clean takes every secret out of a foreign text, as it is and as forms write it.
func (a App) clean(text string, t ticket, limit int) string {
	// Before the cut of the first, lest half of the second stay.
	for _, secret := range []string{a.Secret.reveal(), url.QueryEscape(a.Secret.reveal()), url.QueryEscape(t.text.reveal())} {
		if len(secret) >= minHidden {
			text = strings.ReplaceAll(text, secret, hidden)
		}
	}
	return clean(text, t.text, limit)
}

// issued reads a new grant. The answer itself is never part of the error.
func issued(body []byte, asked time.Time) (grant, string, error) {
	var told struct {
		Access   string `json:"access_token"`
		Refresh  string `json:"refresh_token"`
		Scope    string `json:"scope"`
		Expires  int64  `json:"expires_in"`
		Location string `json:"locationId"`
	}
	_ = json.Unmarshal(body, &told) // fields of another type are left empty
	access, err := NewToken(told.Access)
	if err == nil && told.Refresh == "" {
		err = errors.New("there is no refresh token")
	}
	var refresh Token
	if err == nil {
		refresh, err = NewToken(told.Refresh)
	}
	if err != nil {
		return grant{}, "", &Error{Status: http.StatusOK, Class: importer.Unsent, unknown: true,
			Message: "asking for a token: the service's answer holds no new tokens: " + err.Error()}
	}
	life := lifetime
	if told.Expires > 0 && told.Expires < 1<<31 {
		life = time.Duration(told.Expires) * time.Second
	}
	g := grant{access: access, refresh: refresh, obtained: asked, expires: asked.Add(life),
		scope: clean(told.Scope, access, 4*maxMessage)}
	return g, clean(told.Location, access, maxTraceID), nil
}

// refusedHere is a refusal that needed no service.
func refusedHere(what string, err error, advice string) *Error {
	return &Error{Class: importer.Refused, Message: fmt.Sprintf("%s: %v", what, err), advice: advice, transport: err}
}

// Format keeps the app's secret, and what fmt would make of it, to itself.
func (a App) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "app "+a.ID) }
