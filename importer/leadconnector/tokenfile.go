package leadconnector

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
)

const (
	maxTokenFile = 16 << 10 // bytes; tokens are 40 to 2,000
	maxTokensCSV = 16 << 20
)

// A TokenFile is a token that stands alone in a file, which is read again when
// the service refuses it. Use OpenTokenFile.
type TokenFile struct {
	renewable
}

// OpenTokenFile reads the token in the file, without spaces, line ends and a
// byte order mark around it. It refuses a file that others than its owner may
// read, except on Windows; the error then names the command to run.
func OpenTokenFile(path string) (*TokenFile, error) {
	read := func() (Token, error) { return readTokenFile(path) }
	token, err := read()
	if err != nil {
		return nil, err
	}
	return &TokenFile{renewable{read: read, token: token}}, nil
}

func readTokenFile(path string) (Token, error) {
	text, err := readSecret(path, maxTokenFile)
	if err != nil {
		return Token{}, fmt.Errorf("reading the token file: %w", err)
	}
	token, err := NewToken(text)
	if err != nil {
		return Token{}, fmt.Errorf("reading the token file %s: %w", path, err)
	}
	return token, nil
}

// ReadSecretFile reads a secret that stands alone in a file, as OpenTokenFile
// does, once.
func ReadSecretFile(path string) (Token, error) {
	text, err := readSecret(path, maxTokenFile)
	if err != nil {
		return Token{}, err
	}
	return NewToken(text)
}

// readSecret is the text of a file that its owner alone may read.
func readSecret(path string, limit int64) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }()

	// Of the open file and not of the path, which may be another file by now.
	info, err := file.Stat()
	if err != nil {
		return "", err
	}
	if info.IsDir() { // chmod 600 would be bad advice
		return "", fmt.Errorf("%s is a folder: name the file in it", path)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 && runtime.GOOS != "windows" {
		return "", fmt.Errorf("%s is open to other users of this machine (mode %04o): run chmod 600 %s", path, mode, shellQuoted(path))
	}
	text, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err != nil {
		return "", err
	}
	if int64(len(text)) > limit {
		return "", fmt.Errorf("%s is larger than %d bytes: that is no file of tokens", path, limit)
	}
	return string(text), nil
}

// shellQuoted is the path as a shell takes it.
func shellQuoted(path string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("/._-+,:@%", r)
	}
	if path != "" && strings.IndexFunc(path, func(r rune) bool { return !plain(r) }) < 0 {
		return path
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}
