package probe

import (
	"bytes"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// ngx_http_special_response.c ends every page that nginx itself makes with this line, with the
// version behind it unless server_tokens is off. Its children print their own name.
var nginxTails = [][]byte{
	[]byte("<hr><center>nginx"),
	[]byte("<hr><center>openresty"),
	[]byte("<hr><center>freenginx"),
	[]byte("<hr><center>Angie"),
}

// byNginx tells a page that nginx made, not the app. The Server header alone says nothing: nginx
// puts its own name over the app's. A HEAD has no body and is never known.
func byNginx(a *detect.Answer, body []byte) bool {
	if strings.Contains(strings.ToLower(a.Server), "gunicorn") {
		return false
	}
	for _, tail := range nginxTails {
		if i := bytes.Index(body, tail); i >= 0 && bytes.Contains(body[:i], []byte("<center><h1>")) {
			return true
		}
	}
	return false
}
