package importer_test

import (
	"encoding/json"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// arrows are the imports of ours that each package may have; tests may use any.
// Who wants another arrow changes this table, and says why.
var arrows = map[string][]string{
	"relink":                        {"relink/importer/cli"},
	"relink/importer":               {},
	"relink/importer/source":        {"relink/importer"},
	"relink/importer/pace":          {"relink/importer"},
	"relink/importer/leadconnector": {"relink/importer"},
	"relink/importer/sandbox":       {},
	"relink/importer/report":        {"relink/importer"},
	"relink/importer/ledgertest":    {"relink/importer"},
	"relink/importer/bench":         {},
	"relink/importer/chaos":         {},
	"relink/checkpoint":             {"relink/importer", "relink/checkpoint/migrations"},
	"relink/checkpoint/migrations":  {},
	"relink/checkpoint/local":       {},
	"relink/importer/cli": {
		"relink/importer", "relink/importer/source", "relink/importer/pace", "relink/importer/leadconnector",
		"relink/importer/sandbox", "relink/importer/report", "relink/checkpoint", "relink/checkpoint/local",
	},
}

// homes are the third-party modules, each with the packages that may import it.
var homes = map[string][]string{
	"github.com/gocarina/gocsv":         {"relink/importer/source"},
	"github.com/klauspost/compress":     {"relink/importer/source"},
	"golang.org/x/text":                 {"relink/importer/source"},
	"golang.org/x/time":                 {"relink/importer/pace"},
	"github.com/schollz/progressbar/v3": {"relink/importer/report"},
	"golang.org/x/term":                 {"relink/importer/report"},
	"github.com/jackc/pgx/v5":           {"relink/checkpoint", "relink/checkpoint/local"},
	"github.com/cenkalti/backoff/v5":    {"relink/importer"},
	"github.com/spf13/cobra":            {"relink/importer/cli"},
	"github.com/spf13/pflag":            {"relink/importer/cli"},
	"golang.org/x/sync":                 {"relink/importer/cli", "relink/importer/leadconnector"},
	"golang.org/x/sys":                  {"relink/checkpoint/local", "relink/importer/sandbox", "relink/importer/leadconnector", "relink/importer/cli"},
	"github.com/rogpeppe/go-internal":   {},
	"github.com/google/go-cmp":          {},
}

// TestLayout keeps the arrows between packages and the home of each library.
func TestLayout(t *testing.T) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "relink/...").Output()
	if err != nil {
		t.Fatalf("listing packages: %v", err)
	}
	seen := 0
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		seen++
		allowed, known := arrows[p.ImportPath]
		if !known {
			t.Errorf("package %s is not in the table of arrows", p.ImportPath)
		}
		for _, imp := range p.Imports {
			if strings.HasPrefix(imp, "relink") && !slices.Contains(allowed, imp) {
				t.Errorf("%s imports %s: no such arrow", p.ImportPath, imp)
			}
			if !strings.Contains(imp, ".") {
				continue
			}
			home := ""
			for module := range homes {
				if imp == module || strings.HasPrefix(imp, module+"/") {
					home = module
				}
			}
			if home == "" {
				t.Errorf("%s imports %s, which is no part chosen", p.ImportPath, imp)
			} else if !slices.Contains(homes[home], p.ImportPath) {
				t.Errorf("%s imports %s: its home is %v", p.ImportPath, imp, homes[home])
			}
		}
	}
	if seen < 10 {
		t.Errorf("go list named %d packages: the test sees too little", seen)
	}
}
