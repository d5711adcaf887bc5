package source

// A shape is what an id looks like. Shapes are for warnings only: published
// ids break every rule there is.
type shape uint8

const (
	shapeOther  shape = iota
	shapeLetter       // 20 letters and digits: contact, opportunity, location, user
	shapeHex          // 24 hex digits: custom object, company, association
	shapeNumber       // a number as a spreadsheet shortens it: 6.7E+23
	shapeQuoted       // a mark of a spreadsheet in front: ' or " or =
	shapes
)

var shapeNames = [shapes]string{"other", "20 letters and digits", "24 hex digits", "a shortened number", "a quote in front"}

// look is the shape of an id and the cases of its letters.
func look(id string) (s shape, upper, lower bool) {
	hex, alnum, number := true, true, true
	exponent := false
	for i := range len(id) {
		switch c := id[i]; {
		case '0' <= c && c <= '9':
		case 'a' <= c && c <= 'z':
			lower = true
			hex = hex && c <= 'f'
			number = number && c == 'e'
			exponent = exponent || c == 'e'
		case 'A' <= c && c <= 'Z':
			upper = true
			hex = hex && c <= 'F'
			number = number && c == 'E'
			exponent = exponent || c == 'E'
		case c == '.' || c == ',' || c == '+' || c == '-':
			hex, alnum = false, false
		default:
			hex, alnum, number = false, false, false
		}
	}
	switch {
	case id != "" && damage(id[0]):
		return shapeQuoted, upper, lower
	case hex && len(id) == 24:
		return shapeHex, upper, lower
	case alnum && len(id) == 20:
		return shapeLetter, upper, lower
	case number && exponent && !alnum && '0' <= id[0] && id[0] <= '9':
		return shapeNumber, upper, lower
	}
	return shapeOther, upper, lower
}
