// The usual ltijs tool, as its documentation shows it: one platform, SQLite through the
// sequelize plug-in, a page that says hello.
const { Provider } = require('ltijs')
const Database = require('ltijs-sequelize')

const { PORT, STORAGE, ISSUER, CLIENT_ID, PUBLIC_PEM } = process.env

async function main () {
  const plugin = new Database('lti', 'user', 'password', {
    dialect: 'sqlite', storage: STORAGE, logging: false
  })
  Provider.setup('only-for-the-bench', { plugin }, {
    appRoute: '/',
    loginRoute: '/login',
    cookies: { secure: false, sameSite: '' },
    tokenMaxAge: 300 // on a busy machine a round takes longer than the usual ten seconds
  })
  Provider.onConnect((token, request, response) => response.send(`Hello ${token.userInfo.name}`))
  await Provider.deploy({ serverless: true, silent: true })
  await Provider.registerPlatform({
    url: ISSUER,
    name: 'bench',
    clientId: CLIENT_ID,
    authenticationEndpoint: `${ISSUER}/auth`,
    accesstokenEndpoint: `${ISSUER}/token`,
    authConfig: { method: 'RSA_KEY', key: PUBLIC_PEM }
  })
  // Only now: whoever finds the port open begins at once, and must not come before the platform.
  Provider.app.listen(Number(PORT), '127.0.0.1')
}

main().catch(error => { console.error(error); process.exit(1) })
