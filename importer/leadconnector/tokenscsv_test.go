package leadconnector

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
)

func TestParseTokensCSV(t *testing.T) {
	good := map[string]string{
		"plain":         "loc1,tok1\nloc2,tok2\n",
		"header":        "locationId,token\nloc1,tok1\nloc2,tok2",
		"header's case": "\ufeffLOCATION_ID, Token\r\nloc1,tok1\r\nloc2,tok2\r\n",
		"turned":        "token,location id\ntok1,loc1\ntok2,loc2",
		"quoted":        "\"loc1\",\"tok1\"\n loc2 , tok2 \n",
		"said twice":    "loc1,tok1\nloc2,tok2\nloc1,tok1\n",
	}
	for name, text := range good {
		tokens, err := parseTokensCSV(text)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if len(tokens) != 2 || tokens["loc1"].reveal() != "tok1" || tokens["loc2"].reveal() != "tok2" {
			t.Errorf("%s: got %d tokens", name, len(tokens))
		}
	}
	bad := map[string]struct{ text, want string }{
		"empty":           {"", "no tokens"},
		"header alone":    {"locationId,token\n", "no tokens"},
		"no token":        {"loc1,tok1\nloc2,\n", "line 2"},
		"no location":     {",tok1\n", "line 1"},
		"space":           {"loc1,tok 1\n", "line 1"},
		"three columns":   {"loc1," + secret + ",x\n", "wrong number of fields"},
		"broken quote":    {"loc1,\"" + secret + "\n", "line"},
		"two tokens":      {"loc1,tok1\nloc1," + secret + "\n", "line 2: location loc1 has another"},
		"broken location": {"lo\x00c," + secret + "\n", "line 1"},
	}
	for name, tt := range bad {
		_, err := parseTokensCSV(tt.text)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q in it", name, err, tt.want)
		} else if strings.Contains(err.Error(), secret) {
			t.Errorf("%s: the error repeats the token", name)
		}
	}
}

func TestTokensCSVRenewsOneLocation(t *testing.T) {
	path := writeSecret(t, "loc1,tok1\nloc2,tok2\n")
	many, err := OpenTokensCSV(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := many.Locations(); !slices.Equal(got, []string{"loc1", "loc2"}) {
		t.Errorf("got %v", got)
	}
	if _, err := many.For("loc3"); !errors.Is(err, ErrNoToken) {
		t.Errorf("unknown location: got %v", err)
	}
	one, _ := many.For("loc1")
	two, _ := many.For("loc2")
	if err := os.WriteFile(path, []byte("loc1,newer1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := one.Renew(t.Context(), 0); err != nil {
		t.Error(err)
	}
	if token, generation, _ := one.Token(t.Context()); token.reveal() != "newer1" || generation != 1 {
		t.Errorf("got %q of generation %d", token.reveal(), generation)
	}
	if token, generation, _ := two.Token(t.Context()); token.reveal() != "tok2" || generation != 0 {
		t.Errorf("the other location: got %q of generation %d", token.reveal(), generation)
	}
	if err := two.Renew(t.Context(), 0); !errors.Is(err, ErrNoToken) {
		t.Errorf("no longer in the file: got %v", err)
	}
}
