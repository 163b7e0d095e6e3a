package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/logs"
	"github.com/gatemend/gatemend/detect/nginxconf"
)

// followLogs makes the sensor on nginx's and the apps' own logs. Those that there were are kept
// where nginx's configuration cannot be read; what it switches off is then not known.
func (d *daemon) followLogs(ctx context.Context, sites []detect.Site, was *senses) (*logs.Sensor, []logs.Site, []agent.Silence) {
	var silent []agent.Silence
	if conf, err := nginxConf(ctx, d.looker); err == nil {
		d.conf, silent = conf, silenced(sites, conf)
	} else {
		d.logger.Warn("cannot read nginx's configuration: logs that are new in it are not followed until the agent is reloaded", "err", err)
	}
	follow := d.logSites(ctx, sites, d.conf)
	c := logs.Config{
		Sites: follow, Watcher: d.watcher,
		Ours:   func(marker string) bool { return marker == d.marker },
		Served: func(site, route string, at detect.Time) { d.agent.Served(site, route, at) },
		Report: func(text string) { d.logger.Warn("a log", "what", text) },
	}
	if was != nil {
		c.Before = was.log
	}
	return logs.New(c), follow, silent
}

func (d *daemon) logSites(ctx context.Context, sites []detect.Site, conf *nginxconf.Conf) []logs.Site {
	var l []logs.Site
	for _, s := range sites {
		site := logs.Site{Site: s, Names: []string{s.Server}}
		if conf != nil {
			c := conf.Site(s.Server, s.Routes[0].Path)
			site.ErrorLog, site.AccessLog, site.AccessFormat = c.ErrorLog, c.AccessLog, c.AccessFormat
			site.AccessShared = conf.SharesAccessLog(s.Server, c.AccessLog)
			site.Names = append(site.Names, conf.Names(s.Server)...)
		}
		for _, r := range s.Routes {
			if u, err := d.units.Unit(ctx, r.Unit); r.Unit != "" && err == nil {
				site.AppLogs = append(site.AppLogs, u.LogFiles...)
			}
		}
		l = append(l, site)
	}
	return l
}

// unserved names the sites that nginx's configuration leads nobody to, as check tells them.
func unserved(sites []detect.Site, conf *nginxconf.Conf) []string {
	var l []string
	for _, s := range sites {
		if c := conf.Site(s.Server, s.Routes[0].Path); c.Unnamed() {
			l = append(l, fmt.Sprintf("%s: nginx has no server block for %s: grep -rn server_name /etc/nginx", s.Name, s.Server))
		}
	}
	return l
}

// silenced lists the sources that nginx's configuration switches off, and what that costs.
func silenced(sites []detect.Site, conf *nginxconf.Conf) []agent.Silence {
	var l []agent.Silence
	for _, s := range sites {
		c := conf.Site(s.Server, s.Routes[0].Path)
		if !nginxconf.Followable(c.ErrorLog) {
			l = append(l, agent.Silence{Site: s.Name, Sensor: detect.SensorErrorLog, Why: "error_log is " + shown(c.ErrorLog),
				Costs: []detect.Cause{detect.NginxConfigStale, detect.HeaderTooBig, detect.DNSResolve, detect.WorkerRecycled}})
		}
		if !nginxconf.Followable(c.AccessLog) {
			l = append(l, agent.Silence{Site: s.Name, Sensor: detect.SensorAccessLog, Why: "access_log is " + shown(c.AccessLog),
				Costs: []detect.Cause{detect.GunicornHung, detect.WorkerRecycled}})
		}
	}
	return l
}

func shown(log string) string {
	if log == "" {
		return "not known"
	}
	return log
}

// inWords are silences as check tells them.
func inWords(silent []agent.Silence) []string {
	var l []string
	for _, s := range silent {
		var costs []string
		for _, c := range s.Costs {
			costs = append(costs, string(c))
		}
		l = append(l, fmt.Sprintf("site %q: %s: it cannot tell of %s", s.Site, s.Why, strings.Join(costs, ", ")))
	}
	return l
}
