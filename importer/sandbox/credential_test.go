package sandbox

import (
	"strings"
	"testing"
)

func TestCredentials(t *testing.T) {
	config := Config{Tokens: map[string][]string{"one": {"L"}, "all": nil, "two": {"L", "M"}}, Refusals: map[string]string{}}
	for _, kind := range RefusalKinds() {
		config.Refusals["r-"+kind] = kind
	}
	s := start(t, config)
	rows := []struct {
		token, location string
		header          []string
		status          int
		want            string
	}{
		{"one", "L", nil, 201, ""},
		{"one", "M", nil, 403, "The token does not have access to this location."},
		{"two", "M", nil, 201, ""},
		{"all", "N", nil, 201, ""},
		{"", "L", nil, 401, "Invalid token: access token is invalid"},
		{"unknown", "L", nil, 401, `"Invalid JWT"`},
		{"pit-unknown", "L", nil, 401, `"Invalid Private Integration token"`},
		{"one", "L", []string{"Version", ""}, 401, `"version header was not found."`},
		{"one", "L", []string{"Version", "2021-04-15"}, 401, `"version header is invalid"`},
		{"one", "L", []string{"Authorization", "one"}, 401, "access token is invalid"},
		{"r-jwt", "L", nil, 401, `"Invalid JWT"`},
		{"r-invalid", "L", nil, 401, `"Invalid token: access token is invalid","error":"Unauthorized"`},
		{"r-expired", "L", nil, 401, "expired"},
		{"r-pit", "L", nil, 401, `"Invalid Private Integration token"`},
		{"r-scope", "L", nil, 401, `"The token is not authorized for this scope."`},
		{"r-authclass", "L", nil, 401, "This authClass type is not allowed to access this scope. "},
		{"r-location", "L", nil, 401, `"This location is not accessible from this token!"`},
		{"r-version-missing", "L", nil, 401, `"version header was not found."`},
		{"r-version-invalid", "L", nil, 401, `"version header is invalid"`},
		{"r-location403", "L", nil, 403, `"The token does not have access to this location."`},
		{"r-edge403", "L", nil, 403, "Error 1010"},
	}
	for i, row := range rows {
		header := append([]string{"Authorization", "Bearer " + row.token}, row.header...)
		got := s.do("POST", create, pair(row.location, string(rune('a'+i)), "b"), header...)
		got.want(t, row.status, row.want)
		if html := strings.HasPrefix(got.header.Get("Content-Type"), "text/html"); html != (row.token == "r-edge403") {
			t.Errorf("%s: got type %q", row.token, got.header.Get("Content-Type"))
		}
	}
	if got := s.Stats().Created; got != 3 {
		t.Errorf("got %d created, want 3", got)
	}
}

func TestRevocation(t *testing.T) {
	s := start(t, Config{Faults: Faults{RevokeAfter: 2}})
	for i, want := range []int{201, 400, 401, 401} {
		if got := s.do("POST", create, pair("L", "a", "b"), "Authorization", "Bearer pit-x"); got.status != want {
			t.Errorf("request %d: got %d, want %d", i, got.status, want)
		}
	}
	s.create("L", "a", "b").want(t, 400) // another token still works
	s.do("POST", "/_sandbox/revoke?token=t&as=scope", "").want(t, 200)
	s.create("L", "a", "b").want(t, 401, "scope")
	s.do("POST", "/_sandbox/revoke?token=t&as=nonsense", "").want(t, 400)
	s.do("POST", "/_sandbox/reset", "").want(t, 200)
	s.create("L", "a", "b").want(t, 201)
}

func TestNewRefusesNonsense(t *testing.T) {
	for want, c := range map[string]Config{
		"window":  {Window: "x"},
		"shape":   {Shape: "x"},
		"Retry":   {RetryAfter: "x"},
		"refusal": {Refusals: map[string]string{"t": "x"}},
		"others":  {Others: -1},
		"5xx":     {Faults: Faults{ServerError: 2}},
	} {
		if _, err := New(c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q in it", err, want)
		}
	}
}
