package report

import (
	"bytes"
	"context"
	"fmt"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestPageInChromium loads the page in a headless browser, on a phone's and on a
// desk's width, in light and in dark: nothing but the page is asked for, the
// console stays empty, and nothing is wider than the screen. RELINK_PICTURES
// names a folder that keeps the pictures, to be looked at.
func TestPageInChromium(t *testing.T) {
	browser := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			browser = path
			break
		}
	}
	if browser == "" {
		t.Skip("SKIPPED: no chromium on this machine; the report's page was NOT looked at (apt-get install chromium)")
	}
	pictures := os.Getenv("RELINK_PICTURES")
	if pictures == "" {
		pictures = t.TempDir()
	}
	// The page, and a script that only the test adds: it tells whether
	// anything is wider than the screen.
	const probe = `<script>document.title = "over by " + (document.documentElement.scrollWidth - innerWidth)</script>`
	page := render(t, somePage())
	open := strings.Replace(page, "default-src 'none'", "default-src 'none'; script-src 'unsafe-inline'", 1)
	open = strings.Replace(open, "</body>", probe+"</body>", 1)
	if !strings.Contains(open, probe) || !strings.Contains(open, "script-src") {
		t.Fatal("the probe does not stand on the page")
	}
	var mu sync.Mutex
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		asked = append(asked, r.URL.Path)
		mu.Unlock()
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		switch r.URL.Path {
		case "/page":
			fmt.Fprint(w, page)
		case "/probe":
			fmt.Fprint(w, open)
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	defer server.Close()

	for _, c := range []struct {
		name  string
		width int
		flags []string
	}{
		{"phone", 400, nil}, {"desk", 1400, nil},
		{"dark", 1400, []string{"--blink-settings=preferredColorScheme=0"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			run := func(flags ...string) (stdout, stderr string) {
				t.Helper()
				ctx, cancel := context.WithTimeout(t.Context(), 40*time.Second)
				defer cancel()
				base := []string{"--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run",
					"--disable-background-networking", "--user-data-dir=" + t.TempDir(),
					"--enable-logging=stderr", "--v=0", fmt.Sprintf("--window-size=%d,2600", c.width)}
				cmd := exec.CommandContext(ctx, browser, append(append(base, c.flags...), flags...)...)
				var out, errs bytes.Buffer
				cmd.Stdout, cmd.Stderr = &out, &errs
				if err := cmd.Run(); err != nil {
					t.Fatalf("chromium: %v\n%s", err, errs.String())
				}
				return out.String(), errs.String()
			}
			mu.Lock()
			asked = nil
			mu.Unlock()
			picture := filepath.Join(pictures, c.name+".png")
			_, stderr := run("--screenshot="+picture, server.URL+"/page")
			mu.Lock()
			if len(asked) != 1 || asked[0] != "/page" {
				t.Errorf("the browser asked for %v, want the page alone", asked)
			}
			mu.Unlock()
			if strings.Contains(stderr, "CONSOLE") {
				t.Errorf("the console is not empty:\n%s", stderr)
			}
			b, err := os.ReadFile(picture)
			if err != nil {
				t.Fatal(err)
			}
			shown, err := png.Decode(bytes.NewReader(b))
			if err != nil || shown.Bounds().Dx() != c.width {
				t.Fatalf("the picture: %v, want %d wide", err, c.width)
			}
			light, _, _, _ := shown.At(3, 3).RGBA()
			if dark := light < 0x8000; dark != (c.name == "dark") {
				t.Errorf("dark is %t", dark)
			}
			dom, _ := run("--dump-dom", server.URL+"/probe")
			if !strings.Contains(dom, "<title>over by 0</title>") {
				_, title, _ := strings.Cut(dom, "<title>")
				t.Errorf("the page is wider than %d: %.40q", c.width, title)
			}
		})
	}
}
