//go:build unix

package chaos

import (
	"bytes"
	"encoding/base64"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestNoSecrets looks for the token in everything that runs wrote while all
// kinds of things went wrong: what they said, the state folder with its private
// Postgres and the sandbox, and what a crash dumps.
func TestNoSecrets(t *testing.T) {
	t.Parallel()
	w := emptyWorld(t)
	w.service = w.serve("--rate", "1000/1s", "--faults", everything+",429=1%", "--access-log")
	file := w.file("links.csv", numbered(0, 120, 1))
	flags := []string{"import", "--rate", "0", "--timeout", "1s", "-v"}

	p := w.start(append(flags, "--log-format", "json", file)...)
	w.service.await(p, 40)
	p.signal(syscall.SIGTERM)
	p.wait(4)

	// A panic's dump, with all the runtime has to say, and a core if it can. As
	// root not with the private Postgres: to start a program as somebody else
	// keeps the system from writing one anyway.
	crashing := exec.Command("/bin/sh", "-c", `ulimit -c unlimited; exec "$0" "$@"`, binary)
	crashing.Args = append(crashing.Args, append(flags, file)...)
	crashing.Env = []string{"GOTRACEBACK=crash", "RELINK_DATABASE_URL=" + newDatabase(t, database)}
	p = w.launch(crashing)
	w.service.await(p, w.service.stats().Requests+10)
	p.signal(syscall.SIGABRT)
	<-p.ended
	if !strings.Contains(p.stderr(), "goroutine ") {
		t.Errorf("it left no dump:\n%s", tail(p.stderr()))
	}

	w.service.post("revoke?token="+token, "")
	p = w.start(append(flags, file)...)
	p.wait(5)
	p = w.start("import", "--database-url", "postgres://user:"+token+"@127.0.0.1:1/none?connect_timeout=1", file)
	p.wait(1)
	p = w.start("import", "--database-url", "postgres://user:"+token+"@[bad", file)
	p.wait(1)
	p = w.start("import", "--database-url", token, file) // pasted into the wrong place
	p.wait(1)
	p = w.start("import", "--api-url", "https://"+token+"@127.0.0.1:1", file)
	<-p.ended

	w.searched(token)
	w.private(func() {
		// The data folder is searched too, but a large value may lie there
		// compressed.
		dump, err := program("pg_dump", "--inserts", w.dsn)
		if err != nil {
			t.Fatal(err)
		}
		out, err := dump.Output()
		if err != nil {
			t.Fatalf("pg_dump: %v", err)
		}
		if !bytes.Contains(out, []byte("first000000000000001")) {
			t.Error("the dump holds no row: nothing was searched")
		}
		if bytes.Contains(out, []byte(token)) {
			t.Error("the ledger holds the token")
		}
	})
}

// searched goes through every file of the world.
func (w *world) searched(secret string) {
	w.t.Helper()
	needles := [][]byte{
		[]byte(secret), []byte(secret[4:]), []byte(strings.ToUpper(secret)),
		[]byte(base64.StdEncoding.EncodeToString([]byte(secret))), []byte("Bearer pit"),
	}
	files := 0
	for began := time.Now(); ; {
		err := filepath.WalkDir(w.dir, func(name string, entry fs.DirEntry, err error) error {
			if err != nil || !entry.Type().IsRegular() {
				return err
			}
			text, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			files++
			for _, needle := range needles {
				if bytes.Contains(text, needle) {
					w.t.Errorf("%s holds the token", name)
				}
			}
			return nil
		})
		if err == nil {
			break
		}
		if time.Since(began) > 5*time.Second { // a server that stops removes files
			w.t.Fatal(err)
		}
	}
	if files < 100 {
		w.t.Errorf("only %d files were searched", files)
	}
}
