import { useMe } from '@/api/me';

import { Shell } from './Shell';

export const ChatPage = () => <Shell me={useMe()} />;
