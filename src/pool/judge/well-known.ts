/**
 * Names whose loss is noticed at once, by everybody: a contribution about one of them, or about what is above it, is
 * rather a mistake than a finding. What is below them is judged like any other name.
 */

const GROUPS: readonly string[] = [
	// By these, devices find out whether they are on the Internet; without, they leave the network.
	`captive.apple.com www.apple.com gsp1.apple.com
	connectivitycheck.gstatic.com connectivitycheck.android.com clients3.google.com clients1.google.com
	www.gstatic.com play.googleapis.com
	www.msftconnecttest.com ipv6.msftconnecttest.com www.msftncsi.com ipv6.msftncsi.com dns.msftncsi.com
	detectportal.firefox.com connectivity-check.ubuntu.com nmcheck.gnome.org networkcheck.kde.org
	network-test.debian.org fedoraproject.org conncheck.opensuse.org ping.archlinux.org
	connectivitycheck.grapheneos.network connectivitycheck.cbg-app.huawei.com
	connect.rom.miui.com spectrum.s3.amazonaws.com conntest.nintendowifi.net ctest.cdn.nintendo.net
	kindle-wifi.com fireoscaptiveportal.com`,
	// Time: without it, certificates and DNSSEC fail.
	`pool.ntp.org 0.pool.ntp.org ntp.org time.apple.com time.windows.com time.google.com time.android.com
	time.cloudflare.com time.nist.gov ntp.ubuntu.com time.facebook.com ntp.se ptbtime1.ptb.de nts.netnod.se
	ntppool.org time.euro.apple.com time.aws.com`,
	// Whether certificates are good still: OCSP, revocation lists, issuers.
	`ocsp.apple.com crl.apple.com valid.apple.com ocsp.digicert.com crl3.digicert.com crl4.digicert.com
	cacerts.digicert.com ocsp.globalsign.com crl.globalsign.com secure.globalsign.com ocsp.sectigo.com
	crl.sectigo.com crt.sectigo.com ocsp.usertrust.com crl.usertrust.com ocsp.comodoca.com crl.comodoca.com
	ocsp.pki.goog c.pki.goog o.pki.goog i.pki.goog r.pki.goog x1.c.lencr.org r10.o.lencr.org r10.i.lencr.org
	e5.o.lencr.org acme-v02.api.letsencrypt.org ocsp.entrust.net crl.entrust.net ocsp.godaddy.com
	crl.godaddy.com ocsp.starfieldtech.com ocsp.rootca1.amazontrust.com crl.rootca1.amazontrust.com
	oneocsp.microsoft.com ocsp.msocsp.com crl.microsoft.com mscrl.microsoft.com www.microsoft.com
	ocsp.verisign.com crl.verisign.com ocsp.certum.pl crl.certum.pl ocsp.buypass.com ocsp.swisssign.net
	ocsp.quovadisglobal.com ocsp.telesec.de ocsp.identrust.com validation.identrust.com`,
	// The DNS itself.
	`a.root-servers.net root-servers.net a.gtld-servers.net gtld-servers.net iana.org icann.org internic.net
	a.iana-servers.net dns.google one.one.one.one cloudflare-dns.com dns.quad9.net quad9.net dns.opendns.com
	resolver1.opendns.com doh.opendns.com dns.adguard-dns.com ripe.net arin.net apnic.net
	lacnic.net afrinic.net verisign.com mask.icloud.com mask-h2.icloud.com use-application-dns.net`,
	// Where systems are mended from.
	`deb.debian.org security.debian.org ftp.debian.org archive.ubuntu.com security.ubuntu.com ports.ubuntu.com
	mirrors.fedoraproject.org dl.fedoraproject.org download.opensuse.org mirrorlist.centos.org
	mirror.stream.centos.org cdn.redhat.com subscription.rhsm.redhat.com mirrors.rockylinux.org
	mirrors.almalinux.org repo.almalinux.org geo.mirror.pkgbuild.com archlinux.org dl-cdn.alpinelinux.org
	distfiles.gentoo.org cache.nixos.org pkg.freebsd.org update.freebsd.org cdn.openbsd.org cdn.netbsd.org
	downloads.openwrt.org snapcraft.io api.snapcraft.io flathub.org dl.flathub.org packages.microsoft.com
	update.microsoft.com windowsupdate.microsoft.com download.windowsupdate.com ctldl.windowsupdate.com
	swscan.apple.com swcdn.apple.com mesu.apple.com updates.cdn-apple.com aus5.mozilla.org
	update.googleapis.com dl.google.com f-droid.org
	registry-1.docker.io auth.docker.io production.cloudflare.docker.com quay.io ghcr.io mcr.microsoft.com
	registry.k8s.io download.docker.com hub.docker.com db.local.clamav.net database.clamav.net redis.io`,
	// Sites and services that half of the Internet uses, and platforms whose name was blocked for one customer's page.
	`www.google.com accounts.google.com mail.google.com drive.google.com docs.google.com maps.google.com
	drive.usercontent.google.com fonts.googleapis.com ajax.googleapis.com storage.googleapis.com
	fonts.gstatic.com www.youtube.com i.ytimg.com www.googletagmanager.com www.google.de www.google.fr
	www.google.co.uk www.google.pl www.google.it www.google.es www.google.nl www.google.be www.google.at
	www.google.ch www.google.ca www.google.com.br www.google.co.in www.google.co.jp www.google.com.au
	www.facebook.com graph.facebook.com static.xx.fbcdn.net www.instagram.com www.whatsapp.com web.whatsapp.com
	www.wikipedia.org en.wikipedia.org upload.wikimedia.org www.amazon.com www.amazon.de www.amazon.co.uk
	aws.amazon.com s3.amazonaws.com s3.us-east-1.amazonaws.com cloudfront.net d1.awsstatic.com
	login.microsoftonline.com login.live.com outlook.office365.com outlook.live.com www.office.com
	onedrive.live.com sharepoint.com www.bing.com teams.microsoft.com graph.microsoft.com azureedge.net
	blob.core.windows.net www.icloud.com appleid.apple.com itunes.apple.com www.linkedin.com x.com twitter.com
	t.co www.reddit.com www.netflix.com www.tiktok.com www.yahoo.com duckduckgo.com www.paypal.com
	www.ebay.com www.zoom.us slack.com discord.com cdn.discordapp.com telegram.org t.me signal.org
	chat.signal.org github.com api.github.com raw.githubusercontent.com objects.githubusercontent.com
	codeload.github.com gitlab.com bitbucket.org sourceforge.net stackoverflow.com www.dropbox.com
	www.docusign.net www.notion.so www.adobe.com www.cloudflare.com challenges.cloudflare.com
	cdnjs.cloudflare.com cdn.jsdelivr.net unpkg.com code.jquery.com e1.akamaiedge.net e1.akamai.net
	a.akamaihd.net global.fastly.net dualstack.fastly.net www.mozilla.org addons.mozilla.org archive.org
	www.trustpilot.com www.baidu.com www.qq.com www.taobao.com vk.com yandex.ru ya.ru mail.ru www.spotify.com
	open.spotify.com www.twitch.tv www.openai.com chatgpt.com www.booking.com www.stripe.com js.stripe.com
	www.visa.com www.mastercard.com www.europa.eu www.who.int www.un.org www.interpol.int
	www.europol.europa.eu cert.pl www.bbc.co.uk www.ovh.com www.ovh.net www.hetzner.com proton.me`,
];

export const WELL_KNOWN: readonly string[] = GROUPS.flatMap((group) => group.split(/\s+/));
