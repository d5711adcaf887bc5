package sandbox

import (
	"net/http"
	"slices"
	"strings"
	"sync"
)

// version is the only Version header that the service accepts here.
const version = "2021-07-28"

// refusal is one of the ways in which the service turns a caller away.
type refusal struct {
	status int
	text   string
}

// refusals are the texts seen, by the word that asks for them.
var refusals = map[string]refusal{
	"jwt":             {401, "Invalid JWT"},
	"invalid":         {401, "Invalid token: access token is invalid"},
	"expired":         {401, "The access token is expired."},
	"pit":             {401, "Invalid Private Integration token"},
	"scope":           {401, "The token is not authorized for this scope."},
	"authclass":       {401, "This authClass type is not allowed to access this scope. Please use a token of the right kind."},
	"location":        {401, "This location is not accessible from this token!"},
	"version-missing": {401, "version header was not found."},
	"version-invalid": {401, "version header is invalid"},
	"location403":     {403, "The token does not have access to this location."},
	"edge403":         {403, ""},
}

// RefusalKinds are the words for Config.Refusals and the revoke call.
func RefusalKinds() []string {
	var kinds []string
	for kind := range refusals {
		kinds = append(kinds, kind)
	}
	slices.Sort(kinds)
	return kinds
}

func refuse(kind string) answer {
	if kind == "edge403" {
		return answer{status: http.StatusForbidden, html: true, body: []byte(
			"<!DOCTYPE html>\n<html><head><title>Access denied</title></head>" +
				"<body><h1>Error 1010</h1><p>The owner of this website has banned your access.</p></body></html>\n")}
	}
	r := refusals[kind]
	return problem(r.status, r.text)
}

// gate knows who may pass.
type gate struct {
	tokens map[string][]string // nil: everybody
	config map[string]string   // refused from the beginning
	grants *grants

	mu      sync.Mutex
	refused map[string]string // kind by token
	used    map[string]int    // requests by token, once revocation is on
}

func newGate(c Config, g *grants) *gate {
	t := &gate{tokens: c.Tokens, config: c.Refusals, grants: g}
	if t.tokens == nil && len(c.OAuth.Grants) > 0 {
		t.tokens = map[string][]string{}
	}
	t.reset()
	return t
}

func (g *gate) reset() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.refused, g.used = map[string]string{}, map[string]int{}
}

// revoke refuses a token from now on; an empty kind is the one that suits it.
func (g *gate) revoke(token, kind string) error {
	if kind == "" {
		kind = staleKind(token)
	}
	g.mu.Lock()
	g.refused[token] = kind
	g.mu.Unlock()
	if strings.HasPrefix(token, "pit-") {
		return nil // nobody's refresh token: it must not come to lie on the disk
	}
	return g.grants.revoke(token)
}

// check returns the kind of refusal that a request earns, or nothing.
func (g *gate) check(r *http.Request, location string, revokeAfter int) string {
	token, ok := bearer(r)
	if !ok {
		return "invalid"
	}
	if kind := g.refusal(token, revokeAfter); kind != "" {
		return kind
	}
	switch v := r.Header.Get("Version"); {
	case v == "":
		return "version-missing"
	case v != version:
		return "version-invalid"
	}
	locations, issued, live := g.grants.reach(token)
	if !issued {
		if g.tokens == nil {
			return ""
		}
		if locations, live = g.tokens[token]; !live {
			return staleKind(token)
		}
	}
	switch {
	case !live:
		return "jwt"
	case location != "" && len(locations) > 0 && !slices.Contains(locations, location):
		return "location403"
	}
	return ""
}

func (g *gate) refusal(token string, revokeAfter int) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	if kind := g.refused[token]; kind != "" {
		return kind
	}
	if revokeAfter > 0 {
		if g.used[token]++; g.used[token] > revokeAfter {
			return staleKind(token)
		}
	}
	return g.config[token]
}

// staleKind is what the service says of a token that it does not know or no
// longer takes.
func staleKind(token string) string {
	if strings.HasPrefix(token, "pit-") {
		return "pit"
	}
	return "jwt"
}

func bearer(r *http.Request) (string, bool) {
	return strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
}
