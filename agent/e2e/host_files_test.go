package e2e

import (
	"os"
	"testing"

	"github.com/gatemend/gatemend/agent/e2e/machine"
	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/remediate/host"
	"github.com/gatemend/gatemend/remediate/ledger"
)

func TestHostModesOfAService(t *testing.T) {
	onMachine(t, machine.Options{Deploy: machine.Unix}, func(t *testing.T) {
		shop := serviceOf("shop")
		shop.Target = detect.Unix("/run/shop/shop.sock")
		// Nobody saw the socket before: gunicorn's own --umask 007 and the unit's Group= are what bounds it.
		v := verbsFor(t, host.Config{}, shop)

		sh(t, "chmod 0600 /run/shop/shop.sock; chgrp root /run/shop/shop.sock; chmod 0700 /run/shop")
		v.refuses(t, "set-mode shop / socket 0777", "wider")
		v.refuses(t, "set-mode shop / socket 0770 root", "wider")
		v.refuses(t, "set-mode shop / dir 0755", "wider")
		v.must(t, "set-mode shop / socket 0770 www-data")
		v.must(t, "set-mode shop / dir 0750")
		if got := shOut(t, "stat -c '%a %U:%G' /run/shop/shop.sock /run/shop | paste -sd ' '"); got != "770 shop:www-data 750 shop:www-data" {
			t.Errorf("socket and directory are %s", got)
		}
		sh(t, `python3 -c 'import urllib.request as u; u.urlopen(u.Request("http://127.0.0.1/", headers={"Host": "shop.example.com"}))'`)

		// An app that opens its socket further by itself, as root saw while nginx got through.
		seen := &ledger.Seen{Socket: detect.PathPart{Path: "/run/shop/shop.sock", Mode: 0o777}}
		v = verbsFor(t, host.Config{Seen: func(string, string) *ledger.Seen { return seen }}, shop)
		v.must(t, "set-mode shop / socket 0777")
	})
}

func TestHostModesOfASocketUnit(t *testing.T) {
	onMachine(t, machine.Options{Deploy: machine.Activated}, func(t *testing.T) {
		shop := serviceOf("shop")
		shop.Socket, shop.Target = "shop.socket", detect.Unix(shOut(t, "systemctl show -P Listen shop.socket | cut -d' ' -f1"))
		v := verbsFor(t, host.Config{}, shop)
		path := shop.Target.Address
		was := shOut(t, "stat -c %a "+path)
		if err := os.Chmod(path, 0); err != nil {
			t.Fatal(err)
		}
		v.must(t, "set-mode shop / socket 0"+was)
		if now := shOut(t, "stat -c %a "+path); now != was {
			t.Errorf("mode %s, want %s", now, was)
		}
		v.refuses(t, "set-mode shop / socket 0777", "wider")
		v.refuses(t, "set-mode shop / dir 0755", "RuntimeDirectory")
		sh(t, "systemctl stop shop.service shop.socket")
		v.must(t, "start shop / socket")
		if got := show(t, "shop.socket", "ActiveState"); got != "active" {
			t.Errorf("the socket is %s", got)
		}
	})
}
