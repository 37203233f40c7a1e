import { once } from 'node:events';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

/** What clients must log in with. */
const LOGIN = { user: 'pocketproxy', pass: 'mail canary' };

/** A mail as the server took it. */
export interface TakenMail {
  /** Of the envelope: who it is really for. */
  readonly recipients: readonly string[];
  readonly mail: ParsedMail;
}

/** A real SMTP server on loopback that keeps what it gets. It can be away for a while. */
export class MailServer {
  readonly taken: TakenMail[] = [];
  /** Nobody has this mailbox. */
  readonly unknownRecipient = 'gone@example.com';
  readonly port: number;
  #server: SMTPServer | null = null;

  constructor(port: number) {
    this.port = port;
  }

  /** For POCKETPROXY_SMTP_URL. */
  get url(): string {
    return `smtp://${LOGIN.user}:${encodeURIComponent(LOGIN.pass)}@127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const server = new SMTPServer({
      hideSTARTTLS: true,
      allowInsecureAuth: true,
      logger: false,
      onAuth: ({ username, password }, _session, done) => {
        if (username === LOGIN.user && password === LOGIN.pass) done(null, { user: username });
        else done(new Error('Wrong login'));
      },
      onRcptTo: ({ address }, _session, done) => {
        const unknown = Object.assign(new Error('No such mailbox'), { responseCode: 550 });
        done(address === this.unknownRecipient ? unknown : null);
      },
      onData: (stream, { envelope }, done) => {
        simpleParser(stream).then((mail) => {
          this.taken.push({ recipients: envelope.rcptTo.map(({ address }) => address), mail });
          done();
        }, done);
      },
    });
    server.on('error', () => {});
    await once(server.listen(this.port, '127.0.0.1'), 'listening');
    this.#server = server;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server) await new Promise<void>((resolve) => server.close(resolve));
  }

  subjects(): string[] {
    return this.taken.map(({ mail }) => mail.subject ?? '');
  }
}
