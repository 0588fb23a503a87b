// Counts visits with Google Analytics: after a yes, and nothing before. Served only where the settings name an id.
(() => {
  const id = document.currentScript.dataset.statistics;
  const host = 'https://www.googletagmanager.com';
  const stored = (change) => {
    try {
      return change ? localStorage.setItem('statistics', change) : localStorage.getItem('statistics');
    } catch {
      return change;
    }
  };
  // Whoever says it by the browser need not say it again.
  const declined = navigator.globalPrivacyControl === true || navigator.doNotTrack === '1';

  // What is told is the part of the pages that is open: never a name, a search or a code.
  const told = () => {
    const part = `/${location.pathname.split('/')[1]}`;
    return { page_location: location.origin + part, page_path: part, page_title: part, page_referrer: '' };
  };
  // The tag takes the arguments themselves, no list of them.
  function tell() {
    window.dataLayer.push(arguments);
  }
  const visit = () => {
    tell('set', told());
    tell('event', 'page_view', told());
  };
  const begin = () => {
    if (window.dataLayer) return;
    window.dataLayer = [];
    tell('js', new Date());
    const off = { send_page_view: false, allow_google_signals: false, allow_ad_personalization_signals: false };
    tell('set', told());
    tell('config', id, { ...off, ...told() });
    visit();
    const go = history.pushState;
    history.pushState = function (...to) {
      go.apply(this, to);
      visit();
    };
    addEventListener('popstate', visit);
    const tag = document.createElement('script');
    tag.src = `${host}/gtag/js?id=${encodeURIComponent(id)}`;
    document.head.append(tag);
  };

  const forget = () => {
    for (const cookie of document.cookie.split('; ')) {
      const name = cookie.split('=')[0];
      if (!name.startsWith('_ga')) continue;
      for (const domain of ['', ...location.hostname.split('.').map((_, i, all) => `; domain=${all.slice(i).join('.')}`)]) {
        document.cookie = `${name}=; max-age=0; path=/${domain}`;
      }
    }
  };

  let bar;
  const answer = (word) => {
    stored(word);
    bar.remove();
    bar = null;
    if (word === 'yes') return begin();
    forget();
    // What runs cannot be taken back, so the page begins anew without it.
    if (window.dataLayer) location.reload();
  };
  const ask = () => {
    if (bar) return bar.querySelector('button').focus();
    bar = document.createElement('section');
    bar.className = 'consent';
    bar.setAttribute('aria-label', 'Statistics');
    const text = document.createElement('p');
    text.textContent = 'May Google Analytics count this visit? It is told which part of these pages is open, and no names. '
      + 'You can change your mind under “Statistics” at the foot of each page.';
    const buttons = document.createElement('div');
    for (const [word, label] of [['yes', 'Yes, count it'], ['no', 'No, thanks']]) {
      const button = document.createElement('button');
      button.type = 'button';
      button.className = 'button';
      button.textContent = label;
      button.onclick = () => answer(word);
      buttons.append(button);
    }
    buttons.className = 'actions';
    bar.append(text, buttons);
    document.body.append(bar);
  };

  document.addEventListener('click', (event) => {
    if (!event.target.closest?.('[data-consent]')) return;
    ask();
    bar.querySelector('button').focus();
  });
  const start = () => {
    const known = stored();
    if (known === 'yes') begin();
    else if (!known && !declined) ask();
  };
  // The application may be there before this script is.
  if (window.wasmBindings) start();
  else addEventListener('TrunkApplicationStarted', start);
})();
