/**
 * Debian packages that scripts still ask for and that releases no longer have. Debian 12 and 13: looked up in the archives'
 * package lists (main, amd64) on 2026-11-26. Ubuntu 24.04: from the release's package lists and release notes, as of the same day.
 */
export type Release = 'debian12' | 'debian13' | 'ubuntu24.04';

export interface GonePackage {
  readonly gone: readonly Release[];
  /** What has taken its place; absent when nothing has. */
  readonly instead?: string;
}

const ALL: readonly Release[] = ['debian12', 'debian13', 'ubuntu24.04'];
const NEWEST: readonly Release[] = ['debian13', 'ubuntu24.04'];
const DEBIAN: readonly Release[] = ['debian12', 'debian13'];
const DEBIAN_13: readonly Release[] = ['debian13'];

export const GONE_PACKAGES: Readonly<Record<string, GonePackage>> = {
  'libgl1-mesa-glx': { gone: NEWEST, instead: 'libgl1' },
  netcat: { gone: ALL, instead: 'netcat-openbsd' },
  python: { gone: ALL, instead: 'python3' },
  'python-pip': { gone: ALL, instead: 'python3-pip' },
  'python-dev': { gone: ALL, instead: 'python3-dev' },
  'python-setuptools': { gone: ALL, instead: 'python3-setuptools' },
  'python-virtualenv': { gone: ALL, instead: 'python3-virtualenv' },
  'python-software-properties': { gone: ALL },
  'python3-distutils': { gone: NEWEST, instead: 'python3-setuptools' },
  'mysql-client': { gone: DEBIAN, instead: 'default-mysql-client' },
  'mysql-server': { gone: DEBIAN, instead: 'default-mysql-server' },
  'libmysqlclient-dev': { gone: DEBIAN, instead: 'default-libmysqlclient-dev' },
  'libmariadbclient-dev': { gone: DEBIAN, instead: 'libmariadb-dev' },
  'openjdk-8-jdk': { gone: DEBIAN, instead: 'default-jdk' },
  'openjdk-8-jre': { gone: DEBIAN, instead: 'default-jre' },
  'openjdk-11-jdk': { gone: DEBIAN, instead: 'default-jdk' },
  'openjdk-11-jre': { gone: DEBIAN, instead: 'default-jre' },
  'openjdk-17-jdk': { gone: DEBIAN_13, instead: 'default-jdk' },
  'openjdk-17-jre': { gone: DEBIAN_13, instead: 'default-jre' },
  'libssl1.1': { gone: ALL, instead: 'libssl3' },
  libappindicator1: { gone: DEBIAN_13, instead: 'libayatana-appindicator1' },
  'libgconf-2-4': { gone: NEWEST },
  gconf2: { gone: NEWEST },
  // In Ubuntu two packages provide it, so apt chooses neither.
  libasound2: { gone: ['ubuntu24.04'], instead: 'libasound2t64' },
  libncurses5: { gone: NEWEST, instead: 'libncurses6' },
  libtinfo5: { gone: NEWEST, instead: 'libtinfo6' },
  libtiff5: { gone: ALL, instead: 'libtiff6' },
  'libtiff5-dev': { gone: DEBIAN_13, instead: 'libtiff-dev' },
  libwebp6: { gone: ALL, instead: 'libwebp7' },
  libffi6: { gone: ALL, instead: 'libffi8' },
  libffi7: { gone: ALL, instead: 'libffi8' },
  'libjasper-dev': { gone: ALL },
  'libpng12-0': { gone: ALL, instead: 'libpng16-16' },
  'libpng12-dev': { gone: ALL, instead: 'libpng-dev' },
  'ttf-dejavu': { gone: DEBIAN, instead: 'fonts-dejavu' },
  'ttf-freefont': { gone: ALL, instead: 'fonts-freefont-ttf' },
  phantomjs: { gone: ALL },
  'nodejs-legacy': { gone: ALL, instead: 'nodejs' },
  exa: { gone: DEBIAN_13, instead: 'eza' },
  'libgdk-pixbuf2.0-0': { gone: DEBIAN_13, instead: 'libgdk-pixbuf-2.0-0' },
  'software-properties-common': { gone: DEBIAN_13 },
  libpcre3: { gone: DEBIAN_13, instead: 'libpcre2-8-0' },
  'libpcre3-dev': { gone: DEBIAN_13, instead: 'libpcre2-dev' },
  wkhtmltopdf: { gone: DEBIAN_13 },
  neofetch: { gone: DEBIAN_13, instead: 'fastfetch' },
  'policykit-1': { gone: DEBIAN_13, instead: 'polkitd' },
  iproute: { gone: DEBIAN, instead: 'iproute2' },
  libcurl3: { gone: ALL, instead: 'libcurl4' },
  'qt5-default': { gone: ALL, instead: 'qtbase5-dev' },
  realpath: { gone: ALL, instead: 'coreutils' },
  mongodb: { gone: ALL },
  'mongodb-server': { gone: ALL },
  'youtube-dl': { gone: DEBIAN_13, instead: 'yt-dlp' },
  'libldap-2.4-2': { gone: ALL, instead: 'libldap2' },
  'libegl1-mesa': { gone: DEBIAN_13, instead: 'libegl1' },
  'libgles2-mesa': { gone: DEBIAN_13, instead: 'libgles2' },
  'cgroup-bin': { gone: DEBIAN, instead: 'cgroup-tools' },
  'lsb-core': { gone: DEBIAN, instead: 'lsb-release' },
  'libatlas-base-dev': { gone: DEBIAN_13, instead: 'libopenblas-dev' },
  'libopenblas-base': { gone: DEBIAN, instead: 'libopenblas0' },
  'libdc1394-22-dev': { gone: DEBIAN, instead: 'libdc1394-dev' },
  libqtgui4: { gone: ALL },
  'libqtwebkit-dev': { gone: DEBIAN },
  'libwebkit2gtk-4.0-dev': { gone: NEWEST, instead: 'libwebkit2gtk-4.1-dev' },
  libreadline7: { gone: ALL, instead: 'libreadline8' },
  ntp: { gone: DEBIAN_13, instead: 'ntpsec' },
  ntpdate: { gone: DEBIAN_13, instead: 'ntpsec-ntpdate' },
  docker: { gone: DEBIAN_13, instead: 'docker.io' },
  'chromium-browser': { gone: DEBIAN, instead: 'chromium' },
  firefox: { gone: DEBIAN, instead: 'firefox-esr' },
  'php7.4': { gone: ALL, instead: 'php' },
  'ruby2.7': { gone: ALL, instead: 'ruby' },
  'mime-support': { gone: DEBIAN_13, instead: 'media-types' },
  hhvm: { gone: DEBIAN },
};

const NAMES: Readonly<Record<Release, string>> = {
  debian12: 'Debian 12',
  debian13: 'Debian 13',
  'ubuntu24.04': 'Ubuntu 24.04',
};

export function releaseName(release: Release): string {
  return NAMES[release];
}
