package leadconnector

import (
	"strings"
	"testing"
)

func TestParseBase(t *testing.T) {
	good := map[string]string{
		"https://services.leadconnectorhq.com":   "https://services.leadconnectorhq.com",
		" https://services.leadconnectorhq.com/": "https://services.leadconnectorhq.com",
		"https://gate.example:8443/api//":        "https://gate.example:8443/api",
		"http://localhost:8080":                  "http://localhost:8080",
		"http://LocalHost":                       "http://LocalHost",
		"http://127.0.0.1:1":                     "http://127.0.0.1:1",
		"http://127.9.9.9":                       "http://127.9.9.9",
		"http://[::1]:80/":                       "http://[::1]:80",
	}
	for address, want := range good {
		u, err := ParseBase(address)
		if err != nil {
			t.Errorf("%q: %v", address, err)
		} else if u.String() != want {
			t.Errorf("%q: got %q, want %q", address, u, want)
		}
	}
	bad := map[string]string{
		"":                                "https://",
		"services.leadconnectorhq.com":    "https://",
		"ftp://example.com":               "https://",
		"https://":                        "no host",
		"https:example.com":               "no host",
		"http://services.example":         "in the open",
		"http://localhost.evil.example":   "in the open",
		"http://127.0.0.1.evil.example":   "in the open",
		"http://10.0.0.1":                 "in the open",
		"http://0.0.0.0":                  "in the open",
		"https://user:hunter22@x.example": "password",
		"https://:hunter22@%zz.example":   "no URL",
		"https://x.example/?":             "nothing may follow",
		"https://x.example/?a=b":          "nothing may follow",
		"https://x.example/#a":            "nothing may follow",
		"https://x.example/# ":            "nothing may follow",
		"https://%zz":                     "invalid URL escape",
	}
	for address, want := range bad {
		u, err := ParseBase(address)
		if err == nil {
			t.Errorf("%q: got %q, want an error", address, u)
		} else if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter22") {
			t.Errorf("%q: got %q, want %q in it", address, err, want)
		}
	}
}

func TestUnder(t *testing.T) {
	base, _ := ParseBase("https://x.example/a%2Fb/")
	got := under(base, "/associations/relations/", "i/d?ä", "locationId=l").String()
	if want := "https://x.example/a%2Fb/associations/relations/i%2Fd%3F%C3%A4?locationId=l"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
