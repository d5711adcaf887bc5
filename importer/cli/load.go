package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"

	"relink/checkpoint"
	"relink/importer"
	"relink/importer/source"
)

// load brings every file into the ledger, and returns their imports in order,
// each once. All headers are read before the first file is loaded, so that a
// mistake in one of them leaves nothing half done.
func (p *program) load(ctx context.Context, ledger *ledger, names []string, in *intake, log *slog.Logger) ([]checkpoint.Import, error) {
	if err := p.peek(names, in.Options); err != nil {
		return nil, err
	}
	var imports []checkpoint.Import
	for _, name := range names {
		imported, err := p.loadFile(ctx, ledger, name, in, log)
		if err != nil {
			return nil, err
		}
		known := func(i checkpoint.Import) bool { return i.ID == imported.ID }
		if !slices.ContainsFunc(imports, known) {
			imports = append(imports, *imported)
		}
	}
	return imports, nil
}

// peek opens every file and reads its header.
func (p *program) peek(names []string, o source.Options) error {
	inputs := 0
	for _, name := range names {
		if name == "-" {
			if inputs++; inputs > 1 {
				return usage(errors.New("standard input (-) can be read only once"), "name it once")
			}
			continue
		}
		if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
			continue // a pipe gives its header only once
		}
		r, err := p.openSource(name, o)
		if err != nil {
			return err
		}
		if err := r.Close(); err != nil {
			return fmt.Errorf("closing %s: %w", name, err)
		}
	}
	return nil
}

func (p *program) loadFile(ctx context.Context, ledger *ledger, name string, in *intake, log *slog.Logger) (*checkpoint.Import, error) {
	// What can be read twice is hashed first: a file that is loaded already
	// costs no more than that, and one that changes meanwhile is noticed.
	sum := ""
	if info, err := os.Stat(name); name != "-" && err == nil && info.Mode().IsRegular() {
		if sum, _, err = source.Hash(name); err != nil {
			return nil, err
		}
		found, err := ledger.Find(ctx, sum, in.reading())
		if err != nil {
			return nil, err
		}
		if found != nil {
			log.Info("this file is loaded already", "file", name, "import", found.ID, "rows", found.Rows)
			return found, nil
		}
	}
	r, err := in.open(p, name)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	log.Info("loading", "file", name)
	content := func() (string, int64, error) {
		if sum != "" && sum != r.SHA256() {
			return "", 0, &failure{
				err: fmt.Errorf("%s changed while it was being read; nothing was loaded", name), code: 2,
				next: "run the same command again when the file is complete",
			}
		}
		return r.SHA256(), r.Size(), nil
	}
	loaded, err := ledger.Load(ctx, in.file(name, r, log), in.lines(ctx, r), content)
	if errors.Is(err, checkpoint.ErrLoaded) {
		loaded, err = ledger.Find(ctx, r.SHA256(), in.reading())
	}
	var stop importer.Stop
	if errors.As(err, &stop) {
		return nil, &failure{err: fmt.Errorf("%w while loading %s; nothing of it was loaded", stop, name), code: stop.Exit(),
			next: "run the same command again"}
	}
	if err != nil {
		return nil, err
	}
	if trimmed := r.Trimmed(); trimmed > 0 {
		log.Info("ids had blanks around them, which were taken off", "file", name, "ids", trimmed)
	}
	if in.keys != nil {
		in.order.warn(ctx, in.keys, log)
	}
	return loaded, nil
}

// openSource opens a file, or standard input as the program was given it.
func (p *program) openSource(name string, o source.Options) (*source.Reader, error) {
	if name == "-" && p.stdin != io.Reader(os.Stdin) {
		return source.NewKeyed("standard input", p.stdin, o)
	}
	return source.OpenKeyed(name, o)
}
