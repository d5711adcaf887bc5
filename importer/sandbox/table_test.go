package sandbox

import (
	"fmt"
	"strings"
	"testing"
)

func TestTables(t *testing.T) {
	tokens, refused, err := ReadTokens(strings.NewReader("\ufefflocation_id,Token,refusal\nL, one ,\nM,one,\n,all,\nN,bad,scope\nL,all,\n"))
	if got := fmt.Sprint(tokens, refused, err); got != "map[all:[] bad:[N] one:[L M]] map[bad:scope] <nil>" {
		t.Errorf("tokens: got %s", got)
	}
	limits, err := ReadLimits(strings.NewReader("locationId,max,interval,daily\nL,25,10s,10000\nM,-1,,\n"))
	if got := fmt.Sprint(limits, err); got != "map[L:{25 10s 10000} M:{-1 0s 0}] <nil>" {
		t.Errorf("limits: got %s", got)
	}
	records, err := ReadRecords(strings.NewReader("recordId,object\nanna,contact\n"))
	if got := fmt.Sprint(records, err); got != "map[anna:contact] <nil>" {
		t.Errorf("records: got %s", got)
	}
	associations, err := ReadAssociations(strings.NewReader("associationId,key,firstObject,secondObject\nas,owner,contact,pet\n"))
	if got := fmt.Sprint(associations, err); got != "[{as owner contact pet }] <nil>" {
		t.Errorf("associations: got %s", got)
	}
	grants, err := ReadGrants(strings.NewReader("locationId,refreshToken\nL,r\n"))
	if got := fmt.Sprint(grants, err); got != "map[r:L] <nil>" {
		t.Errorf("grants: got %s", got)
	}
}

func TestTablesRefuse(t *testing.T) {
	for text, want := range map[string]string{
		"":                              "reading the header",
		"locationId\nL\n":               "no column \"token\"",
		"locationId,token,x\n":          `column "x"`,
		"locationId,token\nL,\n":        "line 2: the token is empty",
		"locationId,token\nL,t,more\n":  "wrong number of fields",
		"locationId,token\n\n\nL,\"t\n": "line",
	} {
		if _, _, err := ReadTokens(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q in it", text, err, want)
		}
	}
	for _, text := range []string{"locationId,max\nL,x\n", "locationId,daily\nL,x\n", "locationId,interval\nL,x\n"} {
		if _, err := ReadLimits(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), "line 2") {
			t.Errorf("%q: got %v, want line 2 in it", text, err)
		}
	}
}
