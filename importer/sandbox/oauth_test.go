package sandbox

import (
	"encoding/json"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

type tokenPair struct {
	Access   string `json:"access_token"`
	Refresh  string `json:"refresh_token"`
	Expires  int    `json:"expires_in"`
	Location string `json:"locationId"`
}

func (s *stand) refresh(token string, change ...string) (tokenPair, reply) {
	s.t.Helper()
	form := url.Values{"client_id": {"id"}, "client_secret": {"secret"}, "grant_type": {"refresh_token"},
		"refresh_token": {token}, "user_type": {"Location"}}
	for i := 0; i < len(change); i += 2 {
		form.Set(change[i], change[i+1])
	}
	got := s.do("POST", "/oauth/token", form.Encode(), "Content-Type", "application/x-www-form-urlencoded", "Authorization", "", "Version", "")
	var p tokenPair
	if got.status == 200 {
		if err := json.Unmarshal([]byte(got.body), &p); err != nil {
			s.t.Fatal(err)
		}
	}
	return p, got
}

func TestRefreshTokensAreSingleUse(t *testing.T) {
	config := Config{Dir: t.TempDir(), OAuth: OAuth{ClientID: "id", ClientSecret: "secret", Grants: map[string]string{"r1": "L", "code": "M"}}}
	s := start(t, config)
	first, got := s.refresh("r1")
	got.want(t, 200, `"expires_in":86399`, `"userType":"Location"`, `"token_type":"Bearer"`)
	if first.Location != "L" {
		t.Errorf("got location %q, want L", first.Location)
	}
	_, got = s.refresh("r1")
	got.want(t, 400, `"error":"invalid_grant"`)
	_, got = s.refresh("unheard of")
	got.want(t, 400, `"error":"invalid_grant"`)
	_, got = s.refresh("")
	got.want(t, 400, `"error":"invalid_grant"`)
	_, got = s.refresh(first.Refresh, "client_secret", "wrong")
	got.want(t, 401, `"error":"invalid_client"`)
	_, got = s.refresh(first.Refresh, "grant_type", "password")
	got.want(t, 400, `"error":"unsupported_grant_type"`)
	_, got = s.refresh(first.Refresh, "user_type", "Company")
	got.want(t, 400, `"error":"invalid_request"`)
	_, got = s.refresh("", "grant_type", "authorization_code", "code", "code")
	got.want(t, 200, `"locationId":"M"`)

	bearer := func(p tokenPair) []string { return []string{"Authorization", "Bearer " + p.Access} }
	s.do("POST", create, pair("L", "a", "b"), bearer(first)...).want(t, 201)
	s.do("POST", create, pair("M", "a", "b"), bearer(first)...).want(t, 403)
	s.create("L", "a", "b").want(t, 401, "Invalid JWT") // with grants, others need to be told of

	second, got := s.refresh(first.Refresh)
	got.want(t, 200)
	s.do("POST", create, pair("L", "a", "b"), bearer(first)...).want(t, 400) // until it expires
	s.do("POST", "/_sandbox/clock?advance=24h", "").want(t, 200)
	s.do("POST", create, pair("L", "a", "b"), bearer(second)...).want(t, 401, "Invalid JWT")

	// What was given out and used up outlives the process.
	third, got := s.refresh(second.Refresh)
	got.want(t, 200)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = start(t, config)
	_, got = s.refresh("r1")
	got.want(t, 400, "invalid_grant")
	s.do("POST", create, pair("L", "a", "b"), bearer(third)...).want(t, 400, "duplicate")
	s.do("POST", "/_sandbox/revoke?token="+third.Refresh, "").want(t, 200)
	_, got = s.refresh(third.Refresh)
	got.want(t, 400, "invalid_grant")
	s.do("POST", "/_sandbox/revoke?token="+third.Access, "").want(t, 200)
	s.do("POST", create, pair("L", "a", "b"), bearer(third)...).want(t, 401)
}

func TestRefreshWithoutGrants(t *testing.T) {
	s := start(t, Config{OAuth: OAuth{Lifetime: time.Minute}})
	p, got := s.refresh("any")
	got.want(t, 200, `"expires_in":60`)
	_, got = s.refresh("any")
	got.want(t, 400, "invalid_grant")
	_, got = s.refresh("")
	got.want(t, 400, "invalid_grant")
	s.do("POST", create, pair("L", "a", "b"), "Authorization", "Bearer "+p.Access).want(t, 201)
	s.create("L", "a", "b").want(t, 400) // every other token is still accepted
}

func TestOnlyOneOfManyRefreshesWins(t *testing.T) {
	s := mustNew(t, Config{OAuth: OAuth{Grants: map[string]string{"r": "L"}}})
	const callers = 8
	begin, results := make(chan struct{}), make(chan int)
	for range callers {
		go func() {
			r := httptest.NewRequest("POST", "/oauth/token", strings.NewReader("grant_type=refresh_token&refresh_token=r"))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			<-begin
			results <- s.grants.exchange(r).status
		}()
	}
	close(begin)
	won := 0
	for range callers {
		if <-results == 200 {
			won++
		}
	}
	if won != 1 {
		t.Errorf("got %d winners, want 1", won)
	}
}
